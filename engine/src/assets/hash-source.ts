import type { EngineContext } from '#engine/platform/engine-context.ts'
import type { Sources } from '#engine/storage/sources.ts'
import { findAsset } from './asset-record.ts'

/** Computes the SHA-256 of a source whose upload was interrupted by a restart, so that the stream's sum is not known. */
export async function hashSource(ctx: EngineContext, sources: Sources, assetId: string): Promise<void> {
  const asset = await findAsset(ctx.pool, assetId)
  if (!asset?.source_key || asset.source_sha256) return
  const sum = await sources.hash(asset.source_key)
  // Deleted in the meantime: there is nothing to compare any more.
  if (!sum) return
  await ctx.pool.query(
    `with hashed as (update engine.assets set source_sha256 = $2 where id = $1 returning upload_id)
     update engine.uploads set sha256 = $2 where id = (select upload_id from hashed)`,
    [assetId, sum],
  )
}
