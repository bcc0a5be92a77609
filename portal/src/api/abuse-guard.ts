import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Suspect } from '#portal/modules/abuse/count-signals.ts'
import { askForWork, isWorkDone, WORK_BITS } from '#portal/modules/abuse/prove-work.ts'
import {
  addNote,
  deviceSeconds,
  findNote,
  mentions,
  type Note,
} from '#portal/modules/abuse/remember-visitor.ts'
import { type Door, type Signal, SLOW_SECONDS } from '#portal/modules/abuse/rules.ts'
import { suspectHash } from '#portal/modules/abuse/suspect-hash.ts'
import { type AbuseWatch, type Answer, abuseWatchOf } from '#portal/modules/abuse/watch-abuse.ts'
import { passwordVersion } from '#portal/modules/identity/password-version.ts'
import { VIEWER_SESSION_HOURS } from '#portal/modules/sharing/rules.ts'
import type { App } from '#portal/platform/app.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { networkOf, sourceOf } from './client-address.ts'
import { emailAsked } from './email-asked.ts'
import { waitInWords } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { VIEWER_COOKIE } from './viewer-cookie.ts'

const DEVICE_COOKIE = '__Host-mm-device'
const VIEW_COOKIE = '__Host-mm-view'
const VIEW_SECONDS = VIEWER_SESSION_HOURS * 3600
/** Carries the answer to a challenge: the challenge, a point, the counter. */
export const WORK_HEADER = 'x-work-proof'

type C = HonoContext<Env>

/**
 * Keeps a door: where a rule of abuse answers to whoever asks, they are slowed down, challenged or refused, at once and with
 * Retry-After. Who has proved themselves in this browser before is let by, and counted by it alone. What happened at the
 * door is noticed after it. @param signal noticed of each request that is let in
 */
export function guard(door: Door, signal?: Signal): MiddlewareHandler<Env> {
  return async (c, next) => {
    const watch = abuseWatchOf(c.get('app'))
    const suspect = await suspectOf(c, door)
    c.set('suspect', suspect)
    c.set('known', c.get('known') ?? (await knownBy(c, door, suspect)))
    if (!c.get('known')) {
      const answer = await watch.standAt(door, suspect)
      if (answer) await holdTo(c, watch, { door, suspect, answer })
      if (signal) watch.notice(signal, suspect)
    }
    await next()
    // Whatever the reason: a rule that counted only links that never were would tell them from those that ended.
    const refusal = c.error?.cause as { name?: string } | undefined
    if (refusal?.name === 'Refusal' && c.get('suspect')?.link) notice(c, 'link-refused')
  }
}

/** Notices something at a door that is kept, unless whoever it is has proved themselves here before. */
export function notice(c: C, signal: Signal): void {
  const suspect = c.get('suspect')
  if (suspect && !c.get('known')) abuseWatchOf(c.get('app')).notice(signal, suspect)
}

/** Behind a guard: notices where the operation answers that a code was not right. */
export const noticeWrongCode: MiddlewareHandler<Env> = async (c, next) => {
  await next()
  if (!c.res.ok || c.error) return
  const answer: unknown = await c.res
    .clone()
    .json()
    .catch(() => null)
  if (answer && Object.values(answer).includes(false)) notice(c, 'code-refused')
}

/** Whoever gives the right password or code of a link takes back what they mistyped before. */
export function gotIn(c: C): void {
  const suspect = c.get('suspect')
  if (suspect) abuseWatchOf(c.get('app')).takeBack(suspect)
}

/** Somebody signed in: their tries were none of an attack. @returns the Set-Cookie line by which this browser is known for theirs */
export async function signedIn(c: C, email: string): Promise<string> {
  const { db, keys, clock } = c.get('app')
  const account = accountOf(c.get('app'), email)
  abuseWatchOf(c.get('app')).takeBack({ ...(c.get('suspect') as Suspect), account })
  const until = { now: clock(), seconds: deviceSeconds }
  const note = deviceNote(account, await passwordVersion(db, email))
  const value = addNote(keys, getCookie(c, DEVICE_COOKIE) ?? null, note, until)
  return `${DEVICE_COOKIE}=${value}; Path=/; Max-Age=${deviceSeconds}; Secure; HttpOnly; SameSite=Lax`
}

/** This browser has begun to watch the link: what it asks for from now on is counted by it, not by its address. */
export function watches(c: C, viewerCookie: string | null): void {
  const { keys, clock } = c.get('app')
  const { link = '' } = c.get('suspect') as Suspect
  if (!viewerCookie || c.get('known')) return
  const note = viewNote(link, viewerCookie)
  const value = addNote(keys, getCookie(c, VIEW_COOKIE) ?? null, note, {
    now: clock(),
    seconds: VIEW_SECONDS,
  })
  const options = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax', maxAge: VIEW_SECONDS } as const
  setCookie(c, VIEW_COOKIE, value, options)
}

const deviceNote = (account: string, password: string): Note => ({
  kind: 'account',
  about: account,
  holder: password,
})
const viewNote = (link: string, cookie: string): Note => ({
  kind: 'view',
  about: link,
  holder: hashToken(cookie).toString('hex'),
})

async function knownBy(c: C, door: Door, { account, link }: Suspect): Promise<string | undefined> {
  const { keys, clock } = c.get('app')
  const viewer = getCookie(c, VIEWER_COOKIE)
  const found =
    door === 'sign-in' && account
      ? await knownDevice(c, account)
      : door === 'link' && link && viewer
        ? findNote(keys, getCookie(c, VIEW_COOKIE) ?? null, viewNote(link, viewer), clock())
        : null
  return found ?? undefined
}

/**
 * Notes hold as long as the password: whoever knew the one before guesses the next one as a stranger does. Where nobody can
 * look it up, nobody is known.
 */
async function knownDevice(c: C, account: string): Promise<string | null> {
  const { db, keys, clock } = c.get('app')
  const cookie = getCookie(c, DEVICE_COOKIE) ?? null
  if (!mentions(cookie, account)) return null
  const version = await passwordVersion(db, (await emailAsked(c)) ?? '').catch(() => null)
  return version === null ? null : findNote(keys, cookie, deviceNote(account, version), clock())
}

/** Whom a request is about, as keyed hashes alone. */
async function suspectOf(c: C, door: Door): Promise<Suspect> {
  const app = c.get('app')
  const { actor } = c.get('ctx')
  const token = c.req.param('token')
  const email = door === 'sign-in' && c.req.method === 'POST' ? await emailAsked(c) : undefined
  return {
    ...placeOf(app, c.get('ip')),
    account: email === undefined ? undefined : accountOf(app, email),
    link: token === undefined ? undefined : hashToken(token).toString('hex').slice(0, 32),
    user: actor.kind === 'user' ? actor.id : undefined,
  }
}

const hashed = ({ keys }: Pick<App, 'keys'>, kind: string, value: string) => suspectHash(keys, kind, value)

/** Where a request comes from, as keyed hashes. */
export const placeOf = (app: App, ip: string): Pick<Suspect, 'source' | 'network'> => ({
  source: hashed(app, 'source', sourceOf(ip)),
  network: hashed(app, 'network', networkOf(ip).split(':').slice(0, 3).join(':')),
})

const accountOf = (app: App, email: string) => hashed(app, 'account', email.trim().toLowerCase())

type Held = { door: Door; suspect: Suspect; answer: Answer }

async function holdTo(c: C, watch: AbuseWatch, held: Held): Promise<void> {
  const { measure } = held.answer
  const app = c.get('app')
  if (measure.action === 'challenge' && (await hasWorked(c, held))) return
  const waits = measure.action === 'slow' ? await slowDown(app, held) : null
  if (waits === 0) return
  watch.refused(measure)
  if (measure.action === 'challenge') throw challenge(app, held)
  const seconds = waits ?? Math.max(1, Math.ceil((measure.until - app.clock().getTime()) / 1000))
  throw refusal(app, seconds)
}

async function hasWorked(c: C, { door, suspect: { source } }: Held): Promise<boolean> {
  const proof = c.req.header(WORK_HEADER)
  const app = c.get('app')
  // Where nobody can say whether it was used before, another one is asked for.
  return proof !== undefined && (await isWorkDone(app, { door, source, proof }).catch(() => false))
}

/** Whole seconds to wait; 0 where it is this request's turn. Closed where nobody can count. */
async function slowDown(app: App, { answer: { measure } }: Held): Promise<number> {
  const use = { key: `abuse-slow:${measure.id}`, cost: 1, burst: 1, emissionUs: SLOW_SECONDS * 1e6 }
  const judged = await app.ports.limits.take([use]).catch(() => null)
  if (!judged) return SLOW_SECONDS
  return judged.admitted ? 0 : Math.max(1, Math.ceil((judged.standings[0]?.retryUs ?? 0) / 1e6))
}

function challenge(app: App, { door, suspect: { source } }: Held): AppError {
  return new AppError('too_many', 'Your browser has to show first that it is not part of an attack.', {
    retryAfterSeconds: 1,
    problem: {
      type: '/problems/challenge',
      members: { challenge: askForWork(app, door, source), bits: WORK_BITS, header: WORK_HEADER },
    },
  })
}

function refusal(app: App, seconds: number): AppError {
  const { settings, clock } = app
  const until = new Date(clock().getTime() + seconds * 1000).toISOString()
  return new AppError(
    'too_many',
    `Something like an attack comes from where you are, so this is refused for now. It works again in ${waitInWords(seconds)}, or from another network. Nothing of yours is locked.`,
    {
      retryAfterSeconds: seconds,
      problem: {
        type: '/problems/abuse',
        members: {
          until,
          help: `${settings.PUBLIC_URL}/limits?${new URLSearchParams({ limit: 'abuse', until })}`,
          privacy: `${settings.PUBLIC_URL}/limits#privacy`,
        },
      },
    },
  )
}
