import { generateKeyPairSync } from 'node:crypto'
import Mux from '@mux/mux-node'
import { setScene, shareByLink, watchLink } from '../support/ready-video.ts'
import { startStack } from '../support/stack.ts'
import { type BenchResult, percentiles } from './bench.ts'
import { startLoad } from './workers/load-generator.ts'
import type { Target } from './workers/request-loop.ts'

const CONNECTIONS = 10
const SHARES = 10
const VIEWERS_A_SHARE = 10
const SLICES = 6
const OURS_MS = 2500
const FLOOR_MS = 1000
const WARM_UP_MS = 3000
const P95_BAR_MS = 15

/**
 * Renewals of playback tokens by a hundred viewer sessions at c=10, HTTP to HTTP, each authorised and audited on a
 * durable Postgres, beside the Mux SDK's bare signing of one token after the other. Slices alternate.
 */
export async function run(): Promise<BenchResult> {
  const stack = await startStack({ env: { RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' } })
  try {
    const { agency, videoId } = await setScene(
      stack,
      { seconds: 2, width: 320, height: 180 },
      { complete: true },
    )
    const load = await startLoad(await openViews(stack.url, agency, videoId), CONNECTIONS)
    const floor = bareSigning()
    try {
      await load.run(WARM_UP_MS)
      await floor(FLOOR_MS)
      const durations: number[] = []
      let [oursMs, floorMs, signed, refused] = [0, 0, 0, 0]
      for (let slice = 0; slice < SLICES; slice += 1) {
        const ours = await load.run(OURS_MS)
        durations.push(...ours.durationsMs)
        oursMs += ours.elapsedMs
        refused += ours.refused
        const bare = await floor(FLOOR_MS)
        signed += bare.signed
        floorMs += bare.elapsedMs
      }
      if (refused > 0) throw new Error(`${refused} of ${durations.length} renewals were refused`)
      return judge(durations, oursMs, signed, floorMs)
    } finally {
      load.stop()
    }
  } finally {
    await stack.stop()
  }
}

function judge(durations: number[], oursMs: number, signed: number, floorMs: number): BenchResult {
  const ours = (durations.length / oursMs) * 1000
  const floor = (signed / floorMs) * 1000
  const times = percentiles(durations)
  return {
    ours,
    floor,
    ratio: ours / floor,
    ...times,
    unit: 'tokens/s',
    bar: `at least the SDK's bare signing a second at c=${CONNECTIONS}, p95 under ${P95_BAR_MS} ms`,
    holds: ours >= floor && times.p95 < P95_BAR_MS,
    notes: { 'viewer sessions': SHARES * VIEWERS_A_SHARE, renewals: durations.length },
  }
}

export async function openViews(origin: string, agency: Parameters<typeof shareByLink>[0], videoId: string) {
  const targets: Target[] = []
  for (let n = 0; n < SHARES; n += 1) {
    const { token } = await shareByLink(agency, videoId)
    for (let v = 0; v < VIEWERS_A_SHARE; v += 1) {
      const viewer = await watchLink(origin, token)
      targets.push({ url: `${origin}/api/share/${token}`, cookie: viewer.cookies() })
    }
  }
  return targets
}

/** The SDK as its documentation uses it: one call, one token. */
function bareSigning(): (ms: number) => Promise<{ signed: number; elapsedMs: number }> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const mux = new Mux({
    tokenId: 'bench',
    tokenSecret: 'bench',
    jwtSigningKey: 'bench',
    jwtPrivateKey: Buffer.from(pem).toString('base64'),
  })
  return async (ms) => {
    const began = performance.now()
    let signed = 0
    for (; performance.now() - began < ms; signed += 1) {
      await mux.jwt.signPlaybackId('uNbxnGLKJ00yfbijDO8COxTOyVKT01xpxW', {
        type: 'video',
        expiration: '300s',
      })
    }
    return { signed, elapsedMs: performance.now() - began }
  }
}
