import type { EngineContext } from '#engine/platform/engine-context.ts'
import { hashFile } from '#engine/uploads/rolling-hash.ts'
import { findAsset } from './asset-record.ts'
import { sourcePathOf } from './ingest-job.ts'

/** Computes the SHA-256 of a source whose upload was interrupted by a restart, so that the stream's sum is not known. */
export async function hashSource(ctx: EngineContext, assetId: string): Promise<void> {
  const asset = await findAsset(ctx.pool, assetId)
  if (!asset || asset.source_sha256) return
  const sum = await hashFile(sourcePathOf(ctx.settings.folder, asset)).catch(
    (error: NodeJS.ErrnoException) => {
      // Deleted in the meantime: there is nothing to compare any more.
      if (error.code === 'ENOENT') return null
      throw error
    },
  )
  await ctx.pool.query(
    `with hashed as (update engine.assets set source_sha256 = $2 where id = $1 returning upload_id)
     update engine.uploads set sha256 = $2 where id = (select upload_id from hashed)`,
    [assetId, sum],
  )
}
