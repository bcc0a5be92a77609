import { createAsset } from '#engine/assets/create-asset.ts'
import type { Queryable } from '#engine/platform/db.ts'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { type EventType, emitEvent } from '#engine/webhooks/emit.ts'
import type { Spool } from './spool.ts'
import { findUpload, type UploadRow, uploadJson } from './upload-record.ts'

/**
 * U13: the file is complete and durable. In one transaction the upload becomes asset_created, its one asset is made,
 * both events are written and the ingest is queued. False if the upload no longer waits (cancelled meanwhile).
 */
export async function completeUpload(
  ctx: EngineContext,
  spool: Spool,
  upload: UploadRow,
  bytes: number,
  sha256: Buffer | null,
): Promise<boolean> {
  return inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `select 1 from engine.uploads where id = $1 and status = 'waiting' for update`,
      [upload.id],
    )
    if (rowCount !== 1) return false
    const assetId = await createAsset(tx, ctx, {
      settings: upload.new_asset_settings,
      source: { kind: 'upload', uploadId: upload.id, key: spool.keyOf(upload.id), bytes, sha256 },
      test: upload.test,
    })
    await tx.query(
      `update engine.uploads set status = 'asset_created', asset_id = $2, received_bytes = $3, total_bytes = $3,
         sha256 = $4, last_byte_at = $5, ended_at = $5 where id = $1`,
      [upload.id, assetId, bytes, sha256, ctx.clock()],
    )
    await emitUpload(tx, ctx, 'video.upload.asset_created', upload.id)
    return true
  })
}

/** Ends a waiting upload without an asset; its bytes are removed by a job. False if it was not waiting. */
export async function endUpload(
  ctx: EngineContext,
  uploadId: string,
  status: 'cancelled' | 'timed_out' | 'errored',
  error: { type: string; message: string } | null = null,
): Promise<boolean> {
  return inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      // The title that people gave goes with what will never be a video.
      `update engine.uploads set status = $2, error = $3, ended_at = $4,
         new_asset_settings = new_asset_settings #- '{meta,title}' where id = $1 and status = 'waiting'`,
      [uploadId, status, error ? JSON.stringify(error) : null, ctx.clock()],
    )
    if (rowCount !== 1) return false
    await tx.query(
      `update engine.webhook_events set body = body #- '{data,new_asset_settings,meta,title}' where object_id = $1`,
      [uploadId],
    )
    // Mux has no event for an upload that timed out.
    if (status !== 'timed_out') await emitUpload(tx, ctx, `video.upload.${status}`, uploadId)
    await addJob(tx, 'remove_upload', { uploadId }, { key: `remove_upload:${uploadId}` })
    return true
  })
}

/** Writes an event with the upload as it stands in this transaction. */
export async function emitUpload(
  tx: Queryable,
  ctx: EngineContext,
  type: EventType,
  uploadId: string,
): Promise<void> {
  const upload = await findUpload(tx, uploadId)
  if (!upload) return
  const { url: _secret, ...data } = { url: undefined, ...uploadJson(upload, ctx.settings) }
  await emitEvent(tx, ctx, { type, object: { type: 'upload', id: uploadId }, data })
}
