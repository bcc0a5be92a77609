import type Mux from '@mux/mux-node'
import { type EngineNode, startFleet } from '../support/engine-fleet.ts'
import { type EngineVideo, newClaim, uploadClip } from '../support/engine-video.ts'
import { type BenchResult, percentile, percentiles } from './bench.ts'

const BAR_MS = 1000
const EVERY_MS = 5
/** Requests that go on after the first refusal, to see that none is answered again. */
const AFTERWARDS = 5
const CLIP = { seconds: 2, width: 320, height: 180 }

type Scene = {
  mux: Mux
  api: string
  login: string
  nodes: EngineNode[]
  query(sql: string, values: unknown[]): Promise<unknown>
}
/** Opens a session in some way, and gives what ends it. */
type Way = {
  times: number
  open(scene: Scene, video: EngineVideo): Promise<{ path: string; end: () => Promise<unknown> }>
}

const firstPart = async ({ nodes }: Scene, video: EngineVideo, claims?: Record<string, unknown>) =>
  (await video.parts(nodes[0]!.url, claims))[0]!

const WAYS: Record<string, Way> = {
  session: {
    times: 30,
    async open(scene, video) {
      const session = newClaim()
      const path = await firstPart(scene, video, { session })
      return { path, end: () => revokeSession(scene, video.playbackId, session) }
    },
  },
  'session, unheard of': {
    times: 10,
    async open(scene, video) {
      const path = await firstPart(scene, video)
      const id = path.split('/')[2]!.split('.')[0]!
      const sql = 'update engine.playback_sessions set revoked_at = now() where id = $1'
      return { path, end: () => scene.query(sql, [id]) }
    },
  },
  'signing key': {
    times: 10,
    async open(scene, video) {
      const key = await scene.mux.system.signingKeys.create()
      const path = await firstPart(scene, video.withKey(key))
      return { path, end: () => scene.mux.system.signingKeys.delete(key.id) }
    },
  },
  restriction: {
    times: 10,
    async open(scene, video) {
      const restriction = await scene.mux.video.playbackRestrictions.create({
        referrer: { allowed_domains: ['*'], allow_no_referrer: true },
        user_agent: { allow_no_user_agent: true, allow_high_risk_user_agent: true },
      })
      const path = await firstPart(scene, video, { playback_restriction_id: restriction.id })
      return { path, end: () => scene.mux.video.playbackRestrictions.delete(restriction.id) }
    },
  },
  'playback ID': {
    times: 10,
    async open(scene, video) {
      const { id } = await scene.mux.video.assets.createPlaybackId(video.assetId, { policy: 'signed' })
      const path = await firstPart(scene, video.withPlaybackId(id))
      return { path, end: () => scene.mux.video.assets.deletePlaybackId(video.assetId, id) }
    },
  },
  asset: {
    times: 1,
    async open(scene, video) {
      const path = await firstPart(scene, video)
      return { path, end: () => scene.mux.video.assets.delete(video.assetId) }
    },
  },
}

/**
 * Ends playback in every way there is while two delivery processes are asked for the segment all the time:
 * milliseconds from the API's answer to the start of the last request that was still served, on the slower one.
 */
export async function run(): Promise<BenchResult> {
  const fleet = await startFleet()
  try {
    const nodes = [fleet.first, await fleet.start({ ENGINE_ROLES: 'delivery' })]
    const video = await uploadClip(fleet.mux, CLIP)
    const { id, secret } = fleet.credentials
    const scene: Scene = {
      mux: fleet.mux,
      api: fleet.first.url,
      login: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      nodes,
      query: (sql, values) => fleet.pool.query(sql, values),
    }
    const all: number[] = []
    const notes: Record<string, string | number> = { processes: nodes.length }
    for (const [name, way] of Object.entries(WAYS)) {
      const times: number[] = []
      for (let n = 0; n < way.times; n += 1) times.push(await measure(scene, video, way))
      notes[`${name}, highest of ${way.times}, ms`] = Math.max(...times)
      all.push(...times)
    }
    const p = percentiles(all)
    return {
      ours: p.p99,
      floor: null,
      ratio: null,
      ...p,
      unit: 'ms from the answer to the last served request, p99',
      bar: `p99 at most ${BAR_MS} ms on every process, heard of or not`,
      holds: percentile(all, 99) <= BAR_MS,
      notes,
    }
  } finally {
    await fleet.stop()
  }
}

async function measure(scene: Scene, video: EngineVideo, way: Way): Promise<number> {
  const { path, end } = await way.open(scene, video)
  const watches = scene.nodes.map((node) => watch(`${node.url}${path}`))
  await Promise.all(watches.map(({ served }) => served))
  await end()
  const answered = performance.now()
  const lasts = await Promise.all(watches.map(({ last }) => last))
  return Math.max(0, ...lasts.map((last) => last - answered))
}

/** Asks again and again; `served` once it was answered, `last` is when the last request that was served began. */
function watch(url: string) {
  const served = Promise.withResolvers<void>()
  const run = async () => {
    let last = 0
    for (let refusals = 0; refusals < AFTERWARDS; ) {
      const began = performance.now()
      const answer = await fetch(url)
      await answer.arrayBuffer()
      if (answer.status === 200) {
        last = began
        refusals = 0
        served.resolve()
      } else if (answer.status === 403 || answer.status === 404) refusals += 1
      else throw new Error(`a segment was answered ${answer.status}`)
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
    return last
  }
  return { served: served.promise, last: run() }
}

async function revokeSession({ api, login }: Scene, playbackId: string, session: string): Promise<void> {
  const answer = await fetch(`${api}/video/v1/playback-sessions/revoke`, {
    method: 'POST',
    headers: { authorization: login, 'content-type': 'application/json' },
    body: JSON.stringify({ playback_id: playbackId, sessions: [session] }),
  })
  if (!answer.ok) throw new Error(`the revoke was answered ${answer.status}: ${await answer.text()}`)
}
