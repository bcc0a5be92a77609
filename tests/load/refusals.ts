import { randomBytes, randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { makeClip } from '../support/clips.ts'
import { createClient, type PortalClient } from '../support/portal-client.ts'
import { setScene } from '../support/ready-video.ts'
import { sendRest, startUpload, uploadEnds } from '../support/send-upload.ts'
import { startStack } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { type BenchResult, percentiles } from './bench.ts'
import { probabilityLarger } from './rank.ts'

/**
 * Links of each kind, and requests to each kind and way of asking: of two kinds that are the same, the best pair of all
 * seems 0.02 apart by chance.
 */
const LINKS = 30
const ROUNDS = 2000
const WARM_UP = 60
const TELL_EVERY = 250
/** An attacker with one request tells two kinds apart at most this much better than by a throw of a coin. */
const BAR = 0.05

const WAYS = {
  look: { method: 'GET', path: '' },
  watch: { method: 'POST', path: '' },
  prove: { method: 'POST', path: '/verify', body: { email: 'somebody@example.com' } },
}
type Way = keyof typeof WAYS
type Links = Record<string, () => string>

/**
 * Asks for links that never were, and for revoked, expired, used-up and deleted ones, in random order, by a visitor without
 * a session. Every answer must be the same to the byte; the times must not tell the kinds apart.
 */
export async function run(): Promise<BenchResult> {
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  try {
    const clip = { seconds: 2, width: 320, height: 180 }
    const { agency, videoId } = await setScene(stack, clip, { complete: true })
    const links = await deadLinks(stack.url, agency, videoId, await makeClip(clip))
    const { times, answers } = await ask(stack.url, links)
    const apart = Object.entries(times).map(([way, kinds]) => ({ way, ...mostApart(kinds) }))
    const worst = apart.reduce((most, each) => (each.advantage > most.advantage ? each : most))
    const same = [...answers.values()].every((texts) => texts.size === 1)
    const unknown = times.look.unknown ?? []
    const turnsOf = (rest: number) => unknown.filter((_, n) => n % 2 === rest)
    const noise = Math.abs(probabilityLarger(turnsOf(0), turnsOf(1)) - 0.5)
    return {
      ours: worst.advantage,
      floor: noise,
      ratio: null,
      ...percentiles(unknown),
      unit: 'chance above a coin’s to tell two kinds of dead links apart by time (floor: two halves of one kind)',
      bar: `at most ${BAR}, and one answer, to the byte, for all`,
      holds: worst.advantage <= BAR && same,
      notes: {
        'told apart best': `${worst.way}: ${worst.pair}`,
        ...Object.fromEntries(
          apart.map(({ way, pair, advantage }) => [`best of ${way}`, `${advantage.toFixed(3)}, ${pair}`]),
        ),
        'answers, byte for byte': same
          ? 'one'
          : [...answers].map(([way, texts]) => `${way} ${texts.size}`).join(', '),
        'requests to each kind and way': ROUNDS,
      },
    }
  } finally {
    await stack.stop()
  }
}

async function deadLinks(
  origin: string,
  agency: PortalClient,
  videoId: string,
  file: string,
): Promise<Links> {
  const share = async (video: string, options: object = {}) =>
    await agency.call<{ id: string; token: string }>('POST', `/api/videos/${video}/shares`, {
      access: 'link',
      ...options,
    })
  const many = async (make: () => Promise<string>) => {
    const tokens: string[] = []
    for (let n = 0; n < LINKS; n += 1) tokens.push(await make())
    return () => tokens[randomInt(LINKS)] ?? ''
  }
  const bytes = await readFile(file)
  const place = await startUpload(agency, { name: 'gone.mp4', size: bytes.length })
  await sendRest(place.uploadUrl, bytes)
  await uploadEnds(agency, place.id, 'ready')
  const links: Links = {
    unknown: () => randomBytes(32).toString('base64url'),
    revoked: await many(async () => {
      const { id, token } = await share(videoId)
      await agency.call('POST', `/api/shares/${id}/revoke`, { reason: 'other' })
      return token
    }),
    'used up': await many(async () => {
      const { token } = await share(videoId, { maxViews: 1 })
      await createClient(origin).call('POST', `/api/share/${token}`)
      return token
    }),
    expired: await many(async () => (await share(videoId, { expiresAt: soon() })).token),
    deleted: await many(async () => (await share(place.videoId)).token),
  }
  await agency.call('DELETE', `/api/videos/${place.videoId}`)
  const last = links.expired?.() ?? ''
  await until('the links have expired', async () => Date.now() > endsAt && (await isDead(origin, last)))
  return links
}

let endsAt = 0
function soon(): string {
  endsAt = Date.now() + 3000
  return new Date(endsAt).toISOString()
}

const isDead = async (origin: string, token: string) =>
  (await createClient(origin).send('GET', `/api/share/${token}`)).status === 403

async function ask(origin: string, links: Links) {
  const times = { look: {}, watch: {}, prove: {} } as Record<Way, Record<string, number[]>>
  const answers = new Map<Way, Set<string>>()
  const turns = Object.keys(WAYS).flatMap((way) =>
    Object.keys(links).map((kind) => ({ way: way as Way, kind })),
  )
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    if (round % TELL_EVERY === 0) process.stderr.write(`round ${round} of ${WARM_UP + ROUNDS}\n`)
    // A used-up link is a matter of views: its gate may be gone through in vain, which is why it is not asked for here.
    for (const { way, kind } of shuffled(turns).filter(
      (turn) => turn.way !== 'prove' || turn.kind !== 'used up',
    )) {
      const { method, path, ...rest } = WAYS[way]
      const url = `${origin}/api/share/${links[kind]?.()}${path}`
      const began = performance.now()
      const answer = await fetch(url, {
        method,
        headers: { 'content-type': 'application/json' },
        ...('body' in rest ? { body: JSON.stringify(rest.body) } : {}),
      })
      const body = await answer.text()
      const took = performance.now() - began
      const texts = answers.get(way) ?? new Set()
      answers.set(way, texts.add(whatIsSeen(answer, body)))
      if (round < WARM_UP) continue
      times[way][kind] ??= []
      times[way][kind].push(took)
    }
  }
  return { times, answers }
}

/** Status, headers and body without what is new in each answer: its number, its time, its nonce, what is left of a limit. */
function whatIsSeen(answer: Response, body: string): string {
  const headers = [...answer.headers]
    .filter(([name]) => !['date', 'x-request-id', 'ratelimit'].includes(name))
    .map(([name, value]) => `${name}: ${value.replace(/nonce-[^']+/g, 'nonce')}`)
  const id = answer.headers.get('x-request-id') ?? 'none'
  return [answer.status, ...headers, body.replaceAll(id, 'ID')].join('\n')
}

function shuffled<T>(list: T[]): T[] {
  const left = [...list]
  return list.flatMap(() => left.splice(randomInt(left.length), 1))
}

function mostApart(kinds: Record<string, number[]>): { pair: string; advantage: number } {
  const names = Object.keys(kinds)
  const pairs = names.flatMap((one, n) =>
    names.slice(n + 1).map((other) => ({
      pair: `${one} and ${other}`,
      advantage: Math.abs(probabilityLarger(kinds[one] ?? [], kinds[other] ?? []) - 0.5),
    })),
  )
  return pairs.reduce((most, each) => (each.advantage > most.advantage ? each : most))
}
