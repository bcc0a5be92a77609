import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { whenComplete, whenErrored } from './additions.ts'
import { emitAsset } from './emit-asset.ts'

/** Failures that lie not in the file; a retry may help this many times. Killed workers are not counted. */
export const MAX_FAILURES = 4

export const OUT_OF_TIME =
  'Processing took longer than it may for a video of this length. Try again, or export it in another format.'
export const INTERNAL = 'The video could not be processed because of a fault in the engine. Try again later.'

/**
 * Ends an ingest for good. An asset that already plays stays ready, with what it has; else it is errored and says why,
 * also where it played while it grew: nobody shall wait for the rest.
 * Does nothing if the asset is deleted or finished.
 */
export async function failIngest(
  ctx: EngineContext,
  assetId: string,
  error: { type: string; message: string; reason?: string },
): Promise<void> {
  const { type, message, reason } = error
  const told = { type, messages: [message], ...(reason ? { reason } : {}) }
  await inTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<{ status: string }>(
      `update engine.assets set progress_state = 'errored', ingest_attempt = null, completed_at = $2,
         status = case when status = 'preparing' or ${GROWS} then 'errored' else status end,
         errors = case when status = 'preparing' or ${GROWS} then $3::jsonb else errors end
       where id = $1 and deleted_at is null and completed_at is null returning status`,
      [assetId, ctx.clock(), JSON.stringify(told)],
    )
    if (!rows[0]) return
    await tx.query(
      `update engine.renditions set status = 'ready' where asset_id = $1 and status = 'growing'`,
      [assetId],
    )
    if (rows[0].status === 'errored') {
      await emitAsset(tx, ctx, 'video.asset.errored', assetId)
      await whenErrored(tx, ctx, assetId)
    } else await whenComplete(tx, ctx, assetId)
  })
}

const GROWS = `exists (select 1 from engine.renditions r where r.asset_id = assets.id and r.status = 'growing')`

/** Counts a failure; true if it was the last one allowed. */
export async function countFailure(ctx: EngineContext, assetId: string): Promise<boolean> {
  const { rows } = await ctx.pool.query<{ ingest_failures: number }>(
    'update engine.assets set ingest_failures = ingest_failures + 1 where id = $1 returning ingest_failures',
    [assetId],
  )
  return (rows[0]?.ingest_failures ?? 0) >= MAX_FAILURES
}
