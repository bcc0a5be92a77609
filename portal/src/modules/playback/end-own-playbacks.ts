import { eq, inArray } from 'drizzle-orm'
import { orderStops } from '#portal/modules/sharing/order-stops.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { ownerPlaybacks } from './tables.ts'

/**
 * Ends a person's playbacks of their organisation's videos, in the caller's transaction: a job tells the video service
 * until it has confirmed it. The rows go, so that whoever is let in again plays under new claims: the old ones stay shut.
 */
export async function endOwnPlaybacks(
  scope: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'enqueue'>,
  userId: string,
): Promise<{ forgotten: number; stopped: number }> {
  const { tx, ctx } = scope
  const gone = await tx.delete(ownerPlaybacks).where(eq(ownerPlaybacks.userId, userId)).returning()
  const playing = gone.filter(({ tokenExpiresAt }) => tokenExpiresAt > ctx.now)
  if (playing.length === 0) return { forgotten: gone.length, stopped: 0 }
  const videoIds = playing.map(({ videoId }) => videoId)
  const places = await tx
    .select({ videoId: videoFacts.id, playbackId: videoFacts.playbackId })
    .from(videoFacts)
    .where(inArray(videoFacts.id, videoIds))
  const placeOf = new Map(places.map(({ videoId, playbackId }) => [videoId, playbackId]))
  const placed = playing.flatMap(({ videoId, playbackClaim: claim }) => {
    const playbackId = placeOf.get(videoId)
    return playbackId ? [{ videoId, playbackId, claim }] : []
  })
  await orderStops(scope, placed)
  return { forgotten: gone.length, stopped: placed.length }
}
