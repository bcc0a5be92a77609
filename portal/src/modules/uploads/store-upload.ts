import { and, asc, eq, inArray, lt, sql } from 'drizzle-orm'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { OPEN_UPLOADS, SENDABLE_UPLOADS, type UploadMover, type UploadStatus } from './rules.ts'
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
  | 'headSha256'
  | 'writer'
>

/** Who moves an upload, for its timeline; `id` is a person's, or the type of the service's event. */
export type Mover = { by: UploadMover; id: string | null }

export function moverOf(actor: Actor): Mover {
  return actor.kind === 'user' ? { by: 'person', id: actor.id } : { by: 'portal', id: null }
}

const told = ({ by, id }: Mover) => ({ movedBy: by, movedById: id })

export async function insertUpload(tx: Tx, upload: NewUpload, mover: Mover, now: Date): Promise<void> {
  await tx
    .insert(uploads)
    .values({ ...upload, ...told(mover), status: 'created', createdAt: now, updatedAt: now, checkedAt: now })
}

/** An upload by any of its three names, whosever it is: for the portal's own work. */
export async function findUpload(
  tx: Tx,
  by: { id: string } | { videoId: string } | { providerUploadId: string },
  lock?: 'for update',
): Promise<UploadRow | null> {
  const where =
    'id' in by
      ? eq(uploads.id, by.id)
      : 'videoId' in by
        ? eq(uploads.videoId, by.videoId)
        : eq(uploads.providerUploadId, by.providerUploadId)
  const query = tx.select().from(uploads).where(where)
  const [row] = lock ? await query.for('update') : await query
  return row ?? null
}

/** Uploads by ID, in the order of their IDs. */
export async function findUploads(tx: Tx, ids: string[], lock?: 'for update'): Promise<UploadRow[]> {
  const query = tx.select().from(uploads).where(inArray(uploads.id, ids)).orderBy(asc(uploads.id))
  return lock ? await query.for('update') : await query
}

/** Writes these columns while bytes may still be sent; true if they may. Decides races with the end of the upload. */
export async function writeSendableUpload(tx: Tx, id: string, patch: Partial<UploadRow>): Promise<boolean> {
  const { rowCount } = await tx
    .update(uploads)
    .set(patch)
    .where(and(eq(uploads.id, id), inArray(uploads.status, SENDABLE_UPLOADS)))
  return rowCount === 1
}

/** Ends an upload to which bytes may still be sent, and forgets its URL; false where another end was first. */
export async function endSendableUpload(
  tx: Tx,
  id: string,
  end: Pick<UploadRow, 'status'> & Partial<Pick<UploadRow, 'error' | 'failureReason'>>,
  mover: Mover,
  now: Date,
): Promise<boolean> {
  const gone = { uploadUrl: null, completedAt: now, updatedAt: now }
  return await writeSendableUpload(tx, id, { ...end, ...gone, ...told(mover) })
}

/** Writes what was found out; the caller holds the video's row, which every writer takes first. */
export async function writeUpload(
  tx: Tx,
  id: string,
  patch: Partial<UploadRow>,
  mover: Mover,
): Promise<void> {
  await tx
    .update(uploads)
    .set({ ...patch, ...told(mover) })
    .where(eq(uploads.id, id))
}

/** Ends the upload of a video that is being deleted, and forgets its URL; true if it had not ended before. */
export async function endUpload(tx: Tx, videoId: string, actor: Actor, now: Date): Promise<boolean> {
  await tx.update(uploads).set({ uploadUrl: null }).where(eq(uploads.videoId, videoId))
  const { rowCount } = await tx
    .update(uploads)
    .set({ status: 'cancelled', completedAt: now, updatedAt: now, ...told(moverOf(actor)) })
    .where(and(eq(uploads.videoId, videoId), inArray(uploads.status, OPEN_UPLOADS)))
  return (rowCount ?? 0) > 0
}

/**
 * Takes the word of whoever sends: how much is safely stored. Null where bytes can no longer be sent, or another tab
 * or device sends now.
 */
export async function hearFromWriter(
  tx: Tx,
  report: { id: string; writer: string; receivedBytes: number },
  mover: Mover,
  now: Date,
): Promise<{ from: UploadStatus } | null> {
  const { id, writer, receivedBytes } = report
  const mine = and(eq(uploads.id, id), eq(uploads.writer, writer), inArray(uploads.status, SENDABLE_UPLOADS))
  const [before] = await tx.select({ from: uploads.status }).from(uploads).where(mine).for('update')
  if (!before) return null
  const begins = before.from === 'created' && receivedBytes > 0
  await tx
    .update(uploads)
    .set({
      heardAt: now,
      receivedBytes: sql`least(${uploads.sizeBytes}, greatest(${uploads.receivedBytes}, ${receivedBytes}))`,
      ...(begins ? { status: 'uploading' as const, updatedAt: now, ...told(mover) } : {}),
    })
    .where(mine)
  return before
}

/** IDs of uploads that have not been looked at since `before`, longest first. */
export async function listUnsettledUploads(tx: Tx, before: Date, limit: number): Promise<string[]> {
  const rows = await tx
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(inArray(uploads.status, OPEN_UPLOADS), lt(uploads.checkedAt, before)))
    .orderBy(asc(uploads.checkedAt))
    .limit(limit)
  return rows.map((row) => row.id)
}

/** Says of these uploads that the service is being asked about them now. */
export async function markUploadsChecked(tx: Tx, ids: string[], now: Date): Promise<void> {
  if (ids.length > 0) await tx.update(uploads).set({ checkedAt: now }).where(inArray(uploads.id, ids))
}
