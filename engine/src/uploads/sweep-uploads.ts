import type { EngineContext } from '#engine/platform/engine-context.ts'
import { completeUpload, endUpload } from './complete-upload.ts'
import { expiresAt } from './expiry.ts'
import type { UploadParts } from './upload-parts.ts'
import { findUpload, type UploadRow } from './upload-record.ts'

const BATCH = 500

/** A client that sent its last byte and got no answer usually asks again within this time. */
const SETTLE_MS = 60_000

/**
 * Times out waiting uploads whose time is over (U14), and completes those whose last byte arrived
 * just before a crash and whose client never came back.
 */
export async function sweepUploads(parts: UploadParts): Promise<void> {
  for (const upload of await candidates(parts.ctx)) {
    const late = expiresAt(upload) <= parts.ctx.clock()
    const full = (await parts.spool.size(upload.id, upload.received_bytes)) === upload.total_bytes
    if (!late && !full) continue
    const release = await parts.locks.acquire(upload.id, () => undefined)
    if (!release) continue
    try {
      await sweepOne(parts, upload.id)
    } finally {
      await release()
    }
  }
}

async function sweepOne(parts: UploadParts, uploadId: string): Promise<void> {
  const upload = await findUpload(parts.ctx.pool, uploadId)
  if (upload?.status !== 'waiting') return
  const size = await parts.spool.size(uploadId)
  if (size > 0 && size === upload.total_bytes)
    await completeUpload(parts.ctx, parts.spool, upload, size, null)
  else if (expiresAt(upload) <= parts.ctx.clock()) await endUpload(parts.ctx, uploadId, 'timed_out')
}

async function candidates(ctx: EngineContext): Promise<UploadRow[]> {
  const now = ctx.clock()
  const { rows } = await ctx.pool.query<UploadRow>(
    `select * from engine.uploads
     where status = 'waiting' and (created_at + make_interval(secs => timeout_seconds) <= $1
       or (total_bytes is not null and coalesce(last_byte_at, created_at) < $2))
     order by created_at limit $3`,
    [now, new Date(now.getTime() - SETTLE_MS), BATCH],
  )
  return rows
}

/** Removes the bytes of an upload that ended without an asset. Safe to run again. */
export async function removeUploadBytes(parts: UploadParts, uploadId: string): Promise<void> {
  const release = await parts.locks.acquire(uploadId, () => undefined)
  if (!release) throw new Error('the upload is still being written')
  try {
    const upload = await findUpload(parts.ctx.pool, uploadId)
    if (!upload || upload.status === 'waiting' || upload.asset_id) return
    await parts.spool.remove(uploadId)
    parts.hashes.forget(uploadId)
    await parts.ctx.pool.query(
      'update engine.uploads set bytes_removed_at = $2, received_bytes = 0 where id = $1',
      [uploadId, parts.ctx.clock()],
    )
  } finally {
    await release()
  }
}
