import { and, eq, inArray, notExists, type SQL, sql } from 'drizzle-orm'
import { sessionFacts } from '#portal/modules/identity/identity-facts.ts'
import { orderStops } from '#portal/modules/sharing/order-stops.ts'
import { videoFacts, videoOwners } from '#portal/modules/videos/video-facts.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { ownerPlaybacks } from './tables.ts'

type Scope = Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'enqueue'>
type Ended = { forgotten: number; stopped: number }

/**
 * Ends a person's playbacks of organisations' videos, in the caller's transaction: a job tells the video service until
 * it has confirmed it. The rows go, so that whoever is let in again plays under new claims: the old ones stay shut.
 */
export async function endOwnPlaybacks(scope: Scope, userId: string): Promise<Ended> {
  return await endPlaybacks(scope, eq(ownerPlaybacks.userId, userId))
}

/**
 * The same where some of these people's sessions were ended in the caller's transaction: what is watched by a session that
 * goes on stays, everything else ends, also of an API key, and of sessions that had ended before.
 */
export async function endPlaybacksWithoutSession(scope: Scope, userIds: readonly string[]): Promise<Ended> {
  const session = scope.tx
    .select({ id: sessionFacts.id })
    .from(sessionFacts)
    .where(and(eq(sessionFacts.id, ownerPlaybacks.sessionId), eq(sessionFacts.userId, ownerPlaybacks.userId)))
  return await endPlaybacks(
    scope,
    and(sql`${ownerPlaybacks.userId} = any(${sql.param(userIds)}::text[])`, notExists(session)),
  )
}

/** The same for the videos of one organisation alone, whichever else the person has open. */
export async function endOwnPlaybacksIn(
  scope: Scope,
  userId: string,
  organisationId: string,
): Promise<Ended> {
  const theirs = scope.tx
    .select({ id: videoOwners.id })
    .from(videoOwners)
    .where(eq(videoOwners.organisationId, organisationId))
  return await endPlaybacks(
    scope,
    and(eq(ownerPlaybacks.userId, userId), inArray(ownerPlaybacks.videoId, theirs)),
  )
}

async function endPlaybacks(scope: Scope, which: SQL | undefined): Promise<Ended> {
  const { tx, ctx } = scope
  const gone = await tx.delete(ownerPlaybacks).where(which).returning()
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
