import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type AbuseRuleName, DEFAULT_ABUSE_RULES } from '../../portal/src/modules/abuse/rules.ts'
import { ApiFailure } from '../support/portal-client.ts'
import { invite, signIn } from '../support/portal-people.ts'
import { setScene } from '../support/ready-video.ts'
import { startStack } from '../support/stack.ts'
import { newAddress, somebody } from './ask.ts'

export type Person = { email: string; password: string }
export type Link = { id: string; token: string }
/** Calls as staff, or as whoever owns the videos. */
export type Caller = <T>(method: string, path: string, body?: unknown) => Promise<T>

export type Stage = {
  origin: string
  staff: Caller
  owner: Caller
  videoId: string
  /** Accounts that exist; none on a portal that is not the drill's own. */
  people: Person[]
  /** A person's cookie, for who uploads; or the operator's key. */
  uploader: Record<string, string>
  /** The office's link may be opened by a thousand from one address: a higher limit is given to it as for a premiere. */
  premiere: boolean
  share(options?: object): Promise<Link>
  stop(): Promise<void>
}

/** An answer lasts a quarter of an hour when it comes first in a day. */
const PEACE_MS = 20 * 60_000
const LOOK_AGAIN_MS = 15_000
/** Fewer links than make a guesser. */
const PROBES = 18
/** What uploads of a flood are called. */
export const FLOOD = 'abuse-drill-flood.mp4'

// An address accepts so many invitations in a quarter of an hour.
const PEOPLE = 17

/** A portal of the drill's own, with people, a video and everything that it needs. */
export async function ownStage(say: (line: string) => void): Promise<Stage> {
  say('a portal is started')
  const env = { ROLES: 'worker,engine', TRUST_PROXY: '1', LOG_LEVEL: 'error' }
  const stack = await startStack({ env })
  try {
    const first = await signIn(stack.url, stack.admin)
    await first.call('POST', '/api/admin/signing-keys', {})
    const { admin, agency, videoId } = await setScene(stack, { seconds: 2, width: 320, height: 180 })
    const people: Person[] = []
    for (let n = 0; n < PEOPLE; n += 1) people.push(await invite(admin))
    const uploads = await signIn(stack.url, await invite(admin))
    return {
      origin: stack.url,
      staff: admin.call,
      owner: agency.call,
      videoId,
      people,
      uploader: { cookie: uploads.cookies() },
      premiere: true,
      share: (options = {}) => shareOf(agency.call, videoId, options),
      stop: () => stack.stop(),
    }
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** A portal that runs already, by an operator's key of all scopes; nobody there is signed in, invited or mailed. */
export async function foreignStage(
  origin: string,
  { key, say, signal }: { key: string; say: (line: string) => void; signal?: AbortSignal | undefined },
): Promise<Stage> {
  const call: Caller = async (method, path, body) => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await answer.text()
    if (!answer.ok) throw new ApiFailure(`${method} ${path}`, answer.status, text)
    return text ? JSON.parse(text) : null
  }
  await mustTrustItsProxy(origin)
  await untilAtPeace(call, say, signal)
  const video = await readyVideo(call)
  const begun = new Date()
  const shares: string[] = []
  return {
    origin,
    staff: call,
    owner: call,
    videoId: video.id,
    people: [],
    uploader: { authorization: `Bearer ${key}` },
    premiere: false,
    async share(options = {}) {
      const made = await shareOf(call, video.id, options)
      shares.push(made.id)
      return made
    },
    async stop() {
      const found = await detectionsOf(call)
      // First what would stand in others' way.
      for (const { id, status, detectedAt } of found.items)
        if ((status === 'running' || status === 'watched') && new Date(detectedAt) >= begun)
          await unlessOver(
            call('POST', `/api/admin/abuse/detections/${id}/let-go`, {
              reason: 'The drill that caused this is over',
              spareHours: 0,
            }),
          )
      for (const id of shares) await unlessOver(call('POST', `/api/shares/${id}/revoke`, { reason: 'other' }))
      await cancelFlood(call)
    },
  }
}

/** Some of it ended by itself while the drill went on. */
async function unlessOver(ending: Promise<unknown>): Promise<void> {
  await ending.catch((error: unknown) => {
    if (!(error instanceof ApiFailure && (error.status === 409 || error.status === 404))) throw error
  })
}

type Page<T> = { items: T[]; nextCursor: string | null }

/** Page after page: whoever was drilled before may have many others. */
async function* pagesOf<T>(call: Caller, path: string): AsyncGenerator<T[]> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<T> = await call<Page<T>>('GET', `${path}${cursor && `&cursor=${cursor}`}`)
    yield page.items
    cursor = page.nextCursor
  }
}

async function readyVideo(call: Caller): Promise<{ id: string }> {
  for await (const items of pagesOf<{ id: string; status: string }>(call, '/api/videos?limit=100')) {
    const video = items.find(({ status }) => status === 'ready')
    if (video) return video
  }
  throw new Error('the owner of the key has no video that is ready: upload one first')
}

/** What a flood of uploads began waits for its file for days otherwise, in everybody's list. */
async function cancelFlood(call: Caller): Promise<void> {
  for await (const items of pagesOf<{ id: string; filename: string }>(call, '/api/uploads?state=created'))
    for (const { id, filename } of items)
      if (filename === FLOOD) await unlessOver(call('POST', `/api/uploads/${id}/cancel`, {}))
}

async function shareOf(call: Caller, videoId: string, options: object): Promise<Link> {
  return await call<Link>('POST', `/api/videos/${videoId}/shares`, { access: 'link', ...options })
}

type Detected = {
  items: { id: string; rule: AbuseRuleName; status: string; detectedAt: string; until: string }[]
}
const detectionsOf = (call: Caller) => call<Detected>('GET', '/api/admin/abuse/detections?limit=200')

/** An answer to everybody, or perhaps to the key's own person, would hide the drill's: it is waited for. */
async function untilAtPeace(call: Caller, say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const until = Date.now() + PEACE_MS
  let told = ''
  for (;;) {
    const { items } = await detectionsOf(call)
    const hiding = items.find(
      ({ rule, status }) => status === 'running' && ['portal', 'user'].includes(DEFAULT_ABUSE_RULES[rule].by),
    )
    if (!hiding) return
    const { title } = DEFAULT_ABUSE_RULES[hiding.rule]
    const ends = new Date(hiding.until).getTime()
    if (ends > until)
      throw new Error(`“${title}” is being answered until ${hiding.until}: let it go under Abuse, or wait`)
    const waits = `“${title}” is being answered until ${hiding.until}: the drill waits for its end (or let it go under Abuse)`
    if (waits !== told) say(waits)
    told = waits
    await pause(Math.min(Math.max(ends - Date.now(), 0) + 1000, LOOK_AGAIN_MS), undefined, { signal })
  }
}

/**
 * The drill's strangers are told apart by X-Forwarded-For: a portal that does not believe it would see only one. What one
 * address spends at once must not be missing from another's; some of it comes back meanwhile, so it is a good many.
 */
async function mustTrustItsProxy(origin: string): Promise<void> {
  const left = async (address: string) => {
    const { headers } = await somebody(origin, address).ask({ path: `/api/share/${randomUUID()}` })
    return Number(/;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])
  }
  const isTold = async () => {
    const address = newAddress()
    const spent = await Promise.all(Array.from({ length: PROBES }, () => left(address)))
    return (await left(newAddress())) - Math.min(...spent) >= PROBES / 2
  }
  // Where the portal is slow, what was spent may have come back.
  if (!((await isTold()) || (await isTold()) || (await isTold())))
    throw new Error(
      'the portal does not tell the drill’s addresses apart: run the drill where TRUST_PROXY=1 believes it, as from its proxy',
    )
}

/** Lets a thousand people behind one address open a link: asked for by its owner, agreed to by staff. */
export async function givePremiere({ owner, staff }: Stage, link: Link): Promise<void> {
  const { id } = await owner<{ id: string }>('POST', '/api/limits/overrides', {
    class: 'playback',
    subject: { kind: 'share', id: link.id },
    quota: 20_000,
    reason: 'A thousand people watch this in one office',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  await staff('POST', `/api/admin/limits/overrides/${id}/approve`, {})
}
