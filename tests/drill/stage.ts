import { randomUUID } from 'node:crypto'
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
export async function foreignStage(origin: string, key: string): Promise<Stage> {
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
  await mustBeAtPeace(call)
  const { items } = await call<{ items: { id: string; status: string }[] }>('GET', '/api/videos')
  const video = items.find(({ status }) => status === 'ready')
  if (!video) throw new Error('the owner of the key has no video that is ready: upload one first')
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
      for (const id of shares) await endShare(call, id)
      const found = await detectionsOf(call)
      for (const { id, status, detectedAt } of found.items)
        if ((status === 'running' || status === 'watched') && new Date(detectedAt) >= begun)
          await call('POST', `/api/admin/abuse/detections/${id}/let-go`, {
            reason: 'The drill that caused this is over',
            spareHours: 0,
          })
    },
  }
}

/** Some were ended while the drill went on. */
async function endShare(call: Caller, id: string): Promise<void> {
  await call('POST', `/api/shares/${id}/revoke`, { reason: 'other' }).catch((error: unknown) => {
    if (!(error instanceof ApiFailure && error.status === 409)) throw error
  })
}

async function shareOf(call: Caller, videoId: string, options: object): Promise<Link> {
  return await call<Link>('POST', `/api/videos/${videoId}/shares`, { access: 'link', ...options })
}

type Detected = { items: { id: string; rule: AbuseRuleName; status: string; detectedAt: string }[] }
const detectionsOf = (call: Caller) => call<Detected>('GET', '/api/admin/abuse/detections?limit=200')

/** An attack on everybody that is being answered already would hide the drill's own. */
async function mustBeAtPeace(call: Caller): Promise<void> {
  const { items } = await detectionsOf(call)
  const found = items.find(
    ({ rule, status }) => status === 'running' && DEFAULT_ABUSE_RULES[rule].by === 'portal',
  )
  if (found)
    throw new Error(
      `the portal is answering “${found.rule}” for everybody already: let it go under Abuse, or wait`,
    )
}

/** The drill's strangers are told apart by X-Forwarded-For: a portal that does not believe it would see only one. */
async function mustTrustItsProxy(origin: string): Promise<void> {
  const left = async (address: string) => {
    const { headers } = await somebody(origin, address).ask({ path: '/api/health/live' })
    const seen = await somebody(origin, address).ask({ path: `/api/share/${randomUUID()}` })
    return Number(/;r=(\d+)/.exec(seen.headers.get('ratelimit') ?? headers.get('ratelimit') ?? '')?.[1])
  }
  const [one, other] = [newAddress(), newAddress()]
  const first = await left(one)
  if ((await left(one)) !== first - 1 || (await left(other)) !== first)
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
