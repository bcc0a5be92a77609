import { and, asc, eq, inArray, isNull, type SQL } from 'drizzle-orm'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { notify } from '#portal/platform/notices.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { orderStops, type PlaybackStop } from './order-stops.ts'
import { shares, viewerSessions } from './tables.ts'

/** Why an open player goes black; told to those who were watching. */
export type StopReason = 'revoked' | 'expired' | 'video_deleted' | 'device_released'

type Scope = Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'actor' | 'enqueue'>

export type Stopped = {
  shares: { id: string; videoId: string }[]
  /** Players that held a live token. */
  players: number
  /** To be told to the video service at once; a job repeats each until it is confirmed. */
  stops: PlaybackStop[]
}

export type StopOptions = {
  reason: string
  stop?: StopReason
  /** Who revoked, where that is not the one who acts. */
  by?: string
  /** The request that this is part of. */
  revocationId?: string
  /** Most shares in this transaction, in the order of their IDs. */
  limit?: number
}

// PostgreSQL takes less than 8000 bytes a notice; an ID has 26 characters and a comma.
const IDS_PER_NOTICE = 250

/**
 * Takes back every live share that `where` names, in the caller's transaction: no new token, the viewer sessions end,
 * every web process tells its open players, and the video service's sessions are ended by a job. Shares are locked in
 * the order of their IDs, so that two revokes can't wait for each other; an issuance in flight commits before and is
 * among those that are stopped, or comes after and is refused (decision 002).
 */
export async function revokeShares(
  scope: Scope,
  where: SQL | undefined,
  options: StopOptions,
): Promise<Stopped> {
  const { tx, ctx, actor } = scope
  const locked = tx
    .select({ id: shares.id })
    .from(shares)
    .where(and(where, isNull(shares.revokedAt)))
  const picked = await (options.limit === undefined ? locked : locked.limit(options.limit))
    .orderBy(asc(shares.id))
    .for('no key update')
  const ids = picked.map(({ id }) => id)
  if (ids.length === 0) return { shares: [], players: 0, stops: [] }
  const ended = await tx
    .update(shares)
    .set({ revokedAt: ctx.now, revokeReason: options.reason, revokedBy: options.by ?? actor.id })
    .where(inArray(shares.id, ids))
    .returning({ id: shares.id, videoId: shares.videoId })
  const stopped = await endSessions(scope, inArray(viewerSessions.shareId, ids), options)
  return { shares: ended, ...stopped }
}

/** Ends viewer sessions, whosever shares they belong to: tells their pages and orders the end of their playback. */
export async function endSessions(
  scope: Scope,
  where: SQL,
  { stop = 'revoked', revocationId }: Pick<StopOptions, 'stop' | 'revocationId'>,
): Promise<Pick<Stopped, 'players' | 'stops'>> {
  const { tx, ctx } = scope
  const ended = await tx
    .update(viewerSessions)
    .set({ endedAt: ctx.now })
    .where(and(where, isNull(viewerSessions.endedAt)))
    .returning({
      id: viewerSessions.id,
      shareId: viewerSessions.shareId,
      claim: viewerSessions.playbackClaim,
      startedAt: viewerSessions.viewStartedAt,
      tokenExpiresAt: viewerSessions.tokenExpiresAt,
    })
  await tellPages(
    tx,
    ended.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id),
    stop,
  )
  const playing = ended.filter(({ tokenExpiresAt }) => tokenExpiresAt !== null && tokenExpiresAt > ctx.now)
  const stops = await orderStopsOf(scope, playing, revocationId ?? null)
  return { players: playing.length, stops }
}

async function tellPages(tx: Tx, viewerIds: string[], reason: StopReason): Promise<void> {
  for (let from = 0; from < viewerIds.length; from += IDS_PER_NOTICE) {
    const viewers = viewerIds.slice(from, from + IDS_PER_NOTICE).join(',')
    await notify(tx, { topic: 'viewers.stopped', body: { viewers, reason } })
  }
}

/** Where the videos play that these visits watched, and the orders to end them there. */
async function orderStopsOf(
  scope: Scope,
  playing: { shareId: string; claim: string }[],
  revocationId: string | null,
): Promise<PlaybackStop[]> {
  if (playing.length === 0) return []
  const shareIds = [...new Set(playing.map(({ shareId }) => shareId))]
  const places = await scope.tx
    .select({ shareId: shares.id, videoId: videoFacts.id, playbackId: videoFacts.playbackId })
    .from(shares)
    .innerJoin(videoFacts, eq(videoFacts.id, shares.videoId))
    .where(inArray(shares.id, shareIds))
  const placeOf = new Map(places.map((place) => [place.shareId, place]))
  const placed = playing.flatMap(({ shareId, claim }) => {
    const { videoId, playbackId } = placeOf.get(shareId) ?? {}
    return videoId && playbackId ? [{ videoId, playbackId, claim }] : []
  })
  return await orderStops(scope, placed, revocationId)
}
