import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { type Caller, limiterOf, type Refused, type Verdict } from '#portal/modules/limits/check-request.ts'
import { DEFAULT_RULES, inWords, type LimitClass } from '#portal/modules/limits/rules.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { mark } from '#portal/platform/mark.ts'
import { networkOf } from './client-address.ts'
import { emailAsked } from './email-asked.ts'
import type { Env } from './request-context.ts'

/** Of draft-ietf-httpapi-ratelimit-headers-11. */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded'
const STORE_FAILED_RETRY_SECONDS = 5

/**
 * Counts the request against every rule of its class and tells the caller where it stands
 * (draft-ietf-httpapi-ratelimit-headers-11). Where a rule is only watched, or RATE_LIMIT_ENFORCED is false, it is let
 * through and what would have been done is kept. Where the count fails, the class's own declaration decides.
 */
export function limitTo(name: LimitClass, cost = 1): MiddlewareHandler<Env> {
  return async (c, next) => {
    const verdict = await admit(c, name, cost)
    await next()
    // An answer that was not made by this framework came without what was set ahead of it.
    if (!c.res.headers.has('ratelimit')) tellStanding(c, verdict)
  }
}

/** So many requests of this process are read for while they are counted; what comes beside them waits for its count first. */
const MOST_AHEAD = 8
let ahead = 0

/**
 * limitTo for a route whose handler does nothing but call operations with the request's context: one that only reads is
 * begun while the store is asked, and its answer held back until then (decision 065). Nothing but checks of the input may
 * stand between this and the handler.
 */
export function limitReading(name: LimitClass): MiddlewareHandler<Env> {
  return async (c, next) => {
    const admission = admit(c, name, 1)
    // Whom this process knows to be over, and whoever is counted without a trip, is told so within this turn.
    const counted = ahead >= MOST_AHEAD || (await Promise.race([whileAhead(admission), nextTurn(null)]))
    if (counted) await admission
    else c.set('ctx', { ...c.get('ctx'), admission })
    await next()
    // What was answered meanwhile, such as a fault of the input, gives way where the request is refused.
    const verdict = await admission
    if (!c.res.headers.has('ratelimit')) tellStanding(c, verdict)
  }
}

function whileAhead(admission: Promise<Verdict>): Promise<Verdict> {
  ahead += 1
  return admission.finally(() => {
    ahead -= 1
  })
}

/** @throws AppError where the request is refused, or the count failed and the class is closed then */
async function admit(c: HonoContext<Env>, name: LimitClass, cost: number): Promise<Verdict> {
  const verdict = await limiterOf(c.get('app')).check(name, await callerOf(c, name), cost)
  if (!verdict)
    throw new AppError('unavailable', 'The portal can’t count requests right now. Try again in a moment.', {
      retryAfterSeconds: STORE_FAILED_RETRY_SECONDS,
    })
  tellStanding(c, verdict)
  if (verdict.refused) throw quotaExceeded(c, verdict.refused)
  return verdict
}

function tellStanding(c: HonoContext<Env>, { headers }: Verdict): void {
  if (!headers) return
  c.header('ratelimit-policy', headers.policy)
  c.header('ratelimit', headers.standing)
}

/** Which limit, until when, what to do, and what was kept of this. */
function quotaExceeded(c: HonoContext<Env>, { rule, numbers, retrySeconds }: Refused): AppError {
  const { clock, settings } = c.get('app')
  const until = new Date(clock().getTime() + retrySeconds * 1000)
  return new AppError(
    'too_many',
    `That was too often: this takes at most ${inWords(numbers)}. It works again in ${waitInWords(retrySeconds)}.`,
    {
      retryAfterSeconds: retrySeconds,
      problem: {
        type: QUOTA_EXCEEDED,
        members: {
          'violated-policies': [rule],
          limit: inWords(numbers),
          until: until.toISOString(),
          help: `${settings.PUBLIC_URL}/limits?${new URLSearchParams({ limit: rule, until: until.toISOString() })}`,
          privacy: `${settings.PUBLIC_URL}/limits#privacy`,
        },
      },
    },
  )
}

/** Seconds until something works again: "40 seconds", "9 minutes". */
export function waitInWords(seconds: number): string {
  if (seconds < 120) return seconds === 1 ? 'a second' : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}

const countedByKey = new Set<LimitClass>(
  Object.values(DEFAULT_RULES).flatMap((rule) => (rule.by === 'key' ? [rule.class] : [])),
)

/**
 * Whom a request is counted by. Where a class counts by API key, a program is counted by that, wherever it runs: several may
 * share one address. Everywhere else a key changes nothing, or it would be a way around every bound on an address.
 */
async function callerOf(c: HonoContext<Env>, name: LimitClass): Promise<Caller> {
  const { actor, ipHash } = c.get('ctx')
  const { keys } = c.get('app')
  const ip = ipHash?.slice(0, 32) ?? 'unknown'
  const token = c.req.param('token')
  const share = token === undefined ? undefined : hashToken(token).toString('hex')
  const person = actor.kind === 'user' ? actor : undefined
  const mailbox =
    name === 'password' || name === 'mail' ? c.get('app').hashForLog((await emailAsked(c)) ?? '') : undefined
  const shared: Caller = {
    share,
    mailbox,
    // Who asks for a mail has no name yet: an office behind one address is no one person. The address is held to its sign-ins.
    user: person?.id ?? (name === 'mail' ? undefined : ip),
    key: person?.apiKey?.id,
    organisation: person?.organisationId,
    'ip-share': `${ip}:${share?.slice(0, 32)}`,
  }
  if (person?.apiKey && countedByKey.has(name)) return shared
  // Who has proved themselves here before is counted by that: what others do at the same address is not theirs to bear.
  const known = c.get('known')
  if (known)
    return { ...shared, ip: known, 'ip-share': known, ...(name === 'password' ? { mailbox: known } : {}) }
  const network = mark(keys, 'network', networkOf(c.get('ip')))
    .toString('hex')
    .slice(0, 32)
  return { ...shared, ip, network }
}
