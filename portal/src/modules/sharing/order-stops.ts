import type { VerbScope } from '#portal/platform/operation.ts'
import { stopSessions } from './stop-sessions.ts'
import { playbackStops } from './tables.ts'

/** Running playbacks of one video that the video service must end; `id` names the order to do so. */
export type PlaybackStop = { id: string; videoId: string; playbackId: string; claims: string[] }

type Scope = Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'enqueue'>

// The engine takes a thousand at once.
const CLAIMS_PER_STOP = 1000

/**
 * Orders the end of playbacks in the caller's transaction: one order a video, or several where a thousand claims are
 * not enough; each with the job that repeats it until the video service has confirmed it.
 */
export async function orderStops(
  { tx, ctx, enqueue }: Scope,
  playing: readonly { videoId: string; playbackId: string; claim: string }[],
  revocationId: string | null = null,
): Promise<PlaybackStop[]> {
  const stops: PlaybackStop[] = []
  for (const rows of Map.groupBy(playing, ({ videoId }) => videoId).values()) {
    const [{ videoId, playbackId }] = rows as [(typeof rows)[number]]
    const claims = rows.map(({ claim }) => claim)
    for (let from = 0; from < claims.length; from += CLAIMS_PER_STOP) {
      const some = claims.slice(from, from + CLAIMS_PER_STOP)
      stops.push({ id: ctx.newId('stp'), videoId, playbackId, claims: some })
    }
  }
  if (stops.length === 0) return stops
  await tx.insert(playbackStops).values(stops.map(({ id }) => ({ id, revocationId, askedAt: ctx.now })))
  for (const { id, playbackId, claims } of stops)
    await enqueue(stopSessions, { stopId: id, playbackId, claims }, { key: `stop:${id}` })
  return stops
}
