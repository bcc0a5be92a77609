import { and, asc, eq, inArray, lt } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { type UploadRow, uploads } from './tables.ts'

export type NewUpload = Pick<
  UploadRow,
  | 'id'
  | 'videoId'
  | 'organisationId'
  | 'ownerId'
  | 'intendedAccess'
  | 'filename'
  | 'contentType'
  | 'sizeBytes'
>

export async function insertUpload(tx: Tx, upload: NewUpload, now: Date): Promise<void> {
  await tx
    .insert(uploads)
    .values({ ...upload, status: 'waiting', createdAt: now, updatedAt: now, checkedAt: now })
}

/** An upload by any of its three names, whosever it is: for the portal's own work. */
export async function findUpload(
  tx: Tx,
  by: { id: string } | { videoId: string } | { providerUploadId: string },
): Promise<UploadRow | null> {
  const where =
    'id' in by
      ? eq(uploads.id, by.id)
      : 'videoId' in by
        ? eq(uploads.videoId, by.videoId)
        : eq(uploads.providerUploadId, by.providerUploadId)
  const [row] = await tx.select().from(uploads).where(where)
  return row ?? null
}

/** Writes these columns while the upload waits; true if it did. Decides races between end, cancel and opening. */
export async function writeWaitingUpload(tx: Tx, id: string, patch: Partial<UploadRow>): Promise<boolean> {
  const { rowCount } = await tx
    .update(uploads)
    .set(patch)
    .where(and(eq(uploads.id, id), eq(uploads.status, 'waiting')))
  return rowCount === 1
}

/** Writes what was found out; the caller holds the video's row, which every writer takes first. */
export async function writeUpload(tx: Tx, id: string, patch: Partial<UploadRow>): Promise<void> {
  await tx.update(uploads).set(patch).where(eq(uploads.id, id))
}

/** Ends the upload of a video that is being deleted, and forgets its URL. */
export async function endUpload(tx: Tx, videoId: string, now: Date): Promise<void> {
  await tx.update(uploads).set({ uploadUrl: null, updatedAt: now }).where(eq(uploads.videoId, videoId))
  await tx
    .update(uploads)
    .set({ status: 'cancelled', completedAt: now })
    .where(and(eq(uploads.videoId, videoId), inArray(uploads.status, ['waiting', 'processing'])))
}

/** IDs of uploads that have not been looked at since `before`, longest first. */
export async function listUnsettledUploads(tx: Tx, before: Date, limit: number): Promise<string[]> {
  const rows = await tx
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(inArray(uploads.status, ['waiting', 'processing']), lt(uploads.checkedAt, before)))
    .orderBy(asc(uploads.checkedAt))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** Says of these uploads that the service is being asked about them now. */
export async function markUploadsChecked(tx: Tx, ids: string[], now: Date): Promise<void> {
  if (ids.length > 0) await tx.update(uploads).set({ checkedAt: now }).where(inArray(uploads.id, ids))
}
