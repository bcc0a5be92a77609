import { and, asc, eq, inArray, isNull, lt, or } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { type VideoRow, videos } from './tables.ts'

export type NewVideo = Pick<VideoRow, 'id' | 'organisationId' | 'ownerId' | 'title' | 'provider'>

export async function insertVideo(tx: Tx, video: NewVideo, now: Date): Promise<void> {
  await tx.insert(videos).values({ ...video, status: 'waiting', createdAt: now, checkedAt: now })
}

/** A video in any state, whosever it is: for the portal's own work. */
export async function findVideo(tx: Tx, id: string, lock?: 'for update'): Promise<VideoRow | null> {
  const query = tx.select().from(videos).where(eq(videos.id, id))
  const [row] = lock ? await query.for('update') : await query
  return row ?? null
}

/** Videos by ID, in the order of their IDs. */
export async function findVideos(tx: Tx, ids: string[], lock?: 'for update'): Promise<VideoRow[]> {
  const query = tx.select().from(videos).where(inArray(videos.id, ids)).orderBy(asc(videos.id))
  return lock ? await query.for('update') : await query
}

/** Writes these columns; with `whileStatus` only while the video is in that state. */
export async function writeVideo(
  tx: Tx,
  id: string,
  patch: Partial<VideoRow>,
  whileStatus?: VideoRow['status'],
): Promise<void> {
  const state = whileStatus ? eq(videos.status, whileStatus) : undefined
  await tx
    .update(videos)
    .set(patch)
    .where(and(eq(videos.id, id), state))
}

/** IDs of videos of this provider that have not been looked at since `before`, and on which more is to come. */
export async function listUnsettledVideos(
  tx: Tx,
  provider: VideoRow['provider'],
  before: Date,
  limit: number,
): Promise<string[]> {
  const rows = await tx
    .select({ id: videos.id })
    .from(videos)
    .where(
      and(
        or(eq(videos.status, 'processing'), and(eq(videos.status, 'ready'), eq(videos.complete, false))),
        eq(videos.provider, provider),
        lt(videos.checkedAt, before),
      ),
    )
    .orderBy(asc(videos.checkedAt))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** IDs of deleted videos whose asset the service has not confirmed as gone. */
export async function listVideosToRemove(
  tx: Tx,
  provider: VideoRow['provider'],
  before: Date,
  limit: number,
): Promise<string[]> {
  const rows = await tx
    .select({ id: videos.id })
    .from(videos)
    .where(
      and(
        eq(videos.status, 'deleted'),
        isNull(videos.assetDeletedAt),
        eq(videos.provider, provider),
        lt(videos.deletedAt, before),
      ),
    )
    .orderBy(asc(videos.deletedAt))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** Says of these videos that the service is being asked about them now. */
export async function markVideosChecked(tx: Tx, ids: string[], now: Date): Promise<void> {
  if (ids.length > 0) await tx.update(videos).set({ checkedAt: now }).where(inArray(videos.id, ids))
}

/** Percent of the work on these videos so far. */
export async function listProgress(
  tx: Tx,
  ids: string[],
): Promise<Map<string, { progressPercent: number | null }>> {
  if (ids.length === 0) return new Map()
  const rows = await tx
    .select({ id: videos.id, progressPercent: videos.progressPercent })
    .from(videos)
    .where(inArray(videos.id, ids))
  return new Map(rows.map((row) => [row.id, row]))
}
