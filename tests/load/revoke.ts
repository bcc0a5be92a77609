import { partsOf, readMaster } from '../support/hls-reader.ts'
import type { PortalClient } from '../support/portal-client.ts'
import { createClient } from '../support/portal-client.ts'
import type { Playback } from '../support/portal-people.ts'
import { setScene, shareByLink } from '../support/ready-video.ts'
import { startStack } from '../support/stack.ts'
import { type BenchResult, percentiles } from './bench.ts'

const REVOKES = 40
const WARM_UP = 3
const BAR_MS = 1000

type Times = { stoppedMs: number; answeredMs: number; nextStatus: number }

/**
 * Revokes one share after the other while its viewer holds the event stream open: milliseconds from the request to the
 * viewer's `stopped` event, and whether the segment asked for after the answer is refused.
 */
export async function run(): Promise<BenchResult> {
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  try {
    const clip = { seconds: 2, width: 320, height: 180 }
    const { agency, videoId } = await setScene(stack, clip, { complete: true })
    const times: Times[] = []
    for (let n = 0; n < WARM_UP + REVOKES; n += 1) {
      const time = await revokeOnce(stack.url, agency, videoId)
      if (n >= WARM_UP) times.push(time)
    }
    const served = times.filter(({ nextStatus }) => nextStatus !== 403).length
    const stopped = percentiles(times.map(({ stoppedMs }) => stoppedMs))
    const answered = percentiles(times.map(({ answeredMs }) => answeredMs))
    return {
      ours: stopped.p99,
      floor: answered.p50,
      ratio: stopped.p50 / answered.p50,
      ...stopped,
      unit: 'ms from the request to the viewer (floor: to the answer)',
      bar: `p99 at most ${BAR_MS} ms, and every segment asked for after the answer is refused`,
      holds: stopped.p99 <= BAR_MS && served === 0,
      notes: { revokes: REVOKES, 'answered p99, ms': answered.p99, 'segments served after it': served },
    }
  } finally {
    await stack.stop()
  }
}

async function revokeOnce(origin: string, agency: PortalClient, videoId: string): Promise<Times> {
  const share = await shareByLink(agency, videoId)
  const viewer = createClient(origin)
  const { playbackUrl } = await viewer.call<Playback>('POST', `/api/share/${share.token}`)
  const segment =
    (await partsOf((await readMaster(playbackUrl, viewer.cookies())).video[0]?.url ?? '')).at(-1) ?? ''
  const before = await statusOf(segment)
  if (before !== 200) throw new Error(`the segment answered ${before} before the revoke`)

  const events = await openEvents(viewer, share.token)
  const began = performance.now()
  const stopped = events.until('event: stopped').then(() => performance.now() - began)
  await agency.call('POST', `/api/shares/${share.id}/revoke`, { reason: 'other' })
  const answeredMs = performance.now() - began
  const nextStatus = await statusOf(segment)
  return { stoppedMs: await stopped, answeredMs, nextStatus }
}

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url)
  await answer.arrayBuffer()
  return answer.status
}

/** The viewer's event stream, read until the server has said that it watches. */
async function openEvents(viewer: PortalClient, token: string) {
  const answer = await viewer.send('GET', `/api/share/${token}/events`)
  if (!answer.ok || !answer.body) throw new Error(`the event stream answered ${answer.status}`)
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (words: string) => {
    while (!text.includes(words)) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`the event stream ended without "${words}"`)
      text += value
    }
  }
  await until('event: watching')
  return { until }
}
