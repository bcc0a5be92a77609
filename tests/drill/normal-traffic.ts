import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { newAddress, type Request, type Seen, type Somebody, somebody } from './ask.ts'
import { givePremiere, type Link, type Person, type Stage } from './stage.ts'

/** Ordinary people's requests while attacks run, and how many of them were refused. */
export type Normal = {
  requests: number
  refused: number
  /** Asked for a proof of work, gave it, and went on: as a browser does by itself. */
  challenged: number
  failed: number
  of: Record<string, { requests: number; refused: number }>
  /** First refusals, in words. */
  refusals: string[]
}

const ARRIVALS_MS = 45_000
const RENEW_MS = 30_000
const AT_ONCE = 40
/** Who has not come in by then has failed to. */
const MOST_MS = 300_000

export type NormalTraffic = {
  /** Goes on until everybody has come once, then ends. */
  end(): Promise<Normal>
  /** Ends at once. */
  stop(): Promise<void>
}

/**
 * A thousand viewers behind one office's address who open a link and renew; people who mistype their password thrice, then
 * get it right; scanners of mail services that open shared links, live and ended; somebody who watches from home.
 */
export async function startNormalTraffic(stage: Stage, viewers: number): Promise<NormalTraffic> {
  const seen: Normal = { requests: 0, refused: 0, challenged: 0, failed: 0, of: {}, refusals: [] }
  const ending = new AbortController()
  const office = newAddress()
  const link = await stage.share()
  if (stage.premiere) await givePremiere(stage, link)
  const links: Link[] = []
  for (let n = 0; n < 12; n += 1) links.push(await stage.share())
  const ended: Link[] = []
  for (let n = 0; n < 8; n += 1) ended.push(await stage.share())
  for (const { id } of ended) await stage.owner('POST', `/api/shares/${id}/revoke`, { reason: 'other' })
  const run = { stage, seen, signal: ending.signal, office }
  const watching = watchFromOffice(run, link, stage.premiere ? viewers : Math.min(viewers, 30))
  const once = Promise.all([
    watching.allIn,
    mistype(run, stage.people.slice(8, 11), () => office),
    mistype(run, stage.people.slice(11, 16), newAddress),
    scanLinks(run, [...links, ...ended]),
    watchAtHome(run, links),
  ])
  return {
    async end() {
      await Promise.race([once, waitFor(MOST_MS, ending.signal)])
      ending.abort()
      await Promise.all([once, watching.ended])
      seen.failed += watching.notIn()
      return seen
    },
    async stop() {
      ending.abort()
      await Promise.all([once, watching.ended])
    },
  }
}

type Run = { stage: Stage; seen: Normal; signal: AbortSignal; office: string }

/** Asks as a browser does: a challenge is solved and answered. */
async function ask({ seen }: Run, kind: string, who: Somebody, request: Request): Promise<Seen | null> {
  const of = seen.of[kind] ?? { requests: 0, refused: 0 }
  seen.of[kind] = of
  seen.requests += 1
  of.requests += 1
  try {
    let answer = await who.ask(request)
    if (answer.type === '/problems/challenge') {
      seen.challenged += 1
      const { challenge, bits, header } = answer.json as { challenge: string; bits: number; header: string }
      answer = await who.ask({
        ...request,
        headers: { ...request.headers, [header]: await solve(challenge, bits) },
      })
    }
    if (answer.status === 429) {
      seen.refused += 1
      of.refused += 1
      if (seen.refusals.length < 5)
        seen.refusals.push(
          `${kind}: ${request.path.slice(0, 30)} ${JSON.stringify(answer.json).slice(0, 200)}`,
        )
    } else if (answer.status >= 500) seen.failed += 1
    return answer
  } catch {
    seen.failed += 1
    return null
  }
}

const BETWEEN_TURNS = 4096

async function solve(challenge: string, bits: number): Promise<string> {
  for (let counter = 0; ; counter += 1) {
    const digest = createHash('sha256').update(`${challenge}:${counter}`).digest()
    if (Math.clz32(digest.readUInt32BE(0)) >= bits) return `${challenge}.${counter}`
    if (counter % BETWEEN_TURNS === 0) await new Promise(setImmediate)
  }
}

const waitFor = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }).catch(() => {})

/** Who has opened the link renews again and again; nobody asks for it twice at once. */
function watchFromOffice(run: Run, link: Link, viewers: number) {
  const path = `/api/share/${link.token}`
  const due = Array.from({ length: viewers }, (_, n) => ({
    who: somebody(run.stage.origin, run.office),
    at: performance.now() + (n * ARRIVALS_MS) / viewers,
    isIn: false,
  }))
  const notIn = () => due.filter(({ isIn }) => !isIn).length
  const everybody = Promise.withResolvers<void>()
  const worker = async () => {
    while (!run.signal.aborted) {
      const now = performance.now()
      const viewer = due.find(({ at }) => at <= now)
      if (!viewer) {
        await waitFor(50, run.signal)
        continue
      }
      viewer.at = Number.POSITIVE_INFINITY
      if (!viewer.isIn) await ask(run, 'office viewer opens', viewer.who, { path })
      const kind = viewer.isIn ? 'office viewer renews' : 'office viewer begins'
      const answer = await ask(run, kind, viewer.who, { method: 'POST', path })
      viewer.isIn ||= answer?.status === 200
      viewer.at = performance.now() + RENEW_MS
      if (kind === 'office viewer begins' && notIn() === 0) everybody.resolve()
    }
    everybody.resolve()
  }
  const ended = Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { allIn: everybody.promise, ended, notIn }
}

const MISTYPED = 3
/** So that some of them come while sign-ins are attacked. */
const BETWEEN_PEOPLE_MS = 8000

/** One after the other, some seconds apart. */
async function mistype(run: Run, people: Person[], address: () => string): Promise<void> {
  for (const { email, password } of people) {
    const who = somebody(run.stage.origin, address())
    for (let m = 0; m <= MISTYPED && !run.signal.aborted; m += 1) {
      const body = { email, password: m < MISTYPED ? `${password}${m}` : password }
      await ask(run, 'mistyped password', who, { method: 'POST', path: '/api/auth/sign-in/email', body })
      await waitFor(1500, run.signal)
    }
    await waitFor(BETWEEN_PEOPLE_MS, run.signal)
  }
}

/** Five scanners that open all of the links, some that ended, and some that their own rewriting broke. */
async function scanLinks(run: Run, links: Link[]): Promise<void> {
  const scanners = Array.from({ length: 5 }, () => somebody(run.stage.origin, newAddress()))
  for (const scanner of scanners) {
    const broken = Array.from({ length: 3 }, () => randomBytes(20).toString('base64url'))
    for (const token of [...links.map((link) => link.token), ...broken]) {
      if (run.signal.aborted) return
      await ask(run, 'mail scanner', scanner, { path: `/api/share/${token}` })
      await waitFor(250, run.signal)
    }
  }
}

async function watchAtHome(run: Run, links: Link[]): Promise<void> {
  for (const { token } of links) {
    const viewer = somebody(run.stage.origin, newAddress())
    for (let n = 0; n < 4 && !run.signal.aborted; n += 1) {
      await ask(run, 'viewer at home', viewer, {
        method: n === 0 ? 'GET' : 'POST',
        path: `/api/share/${token}`,
      })
      await waitFor(2000, run.signal)
    }
  }
}
