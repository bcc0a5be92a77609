import { findAsset, type StaticRenditionRow } from '#engine/assets/asset-record.ts'
import type { Mp4Support } from '#engine/assets/asset-settings.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { tellPlaybackChanged } from '#engine/assets/playback-changes.ts'
import { tellIngestToStop } from '#engine/assets/running-ingests.ts'
import { sideName } from '#engine/assets/side-work.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { legacyResolutions } from './choose-tracks.ts'
import { isLegacy } from './file-names.ts'
import {
  emitStaticRendition,
  insertStaticRendition,
  queueStaticRendition,
  shownSize,
  staticPrefix,
} from './static-rendition-rows.ts'

const HEIGHTS = /^\d+p$/

/** Adds a static rendition to an asset. Throws ApiError 404, or 400 with the reason. */
export async function createStaticRendition(
  ctx: EngineContext,
  assetId: string,
  wanted: { resolution: string; passthrough?: string | null },
): Promise<StaticRenditionRow> {
  return inTransaction(ctx.pool, async (tx) => {
    const asset = await lockAsset(tx, assetId)
    if (asset.status === 'errored')
      throw new ApiError(400, 'The asset is errored: it has nothing to download.')
    if (asset.settings.mp4_support)
      throw new ApiError(400, 'The asset has mp4_support: set it to none first.')
    const others = asset.static_renditions.map(({ resolution }) => resolution)
    if (others.includes(wanted.resolution))
      throw new ApiError(400, `The asset has a static rendition of resolution ${wanted.resolution} already.`)
    const mixed =
      (wanted.resolution === 'highest' && others.some((each) => HEIGHTS.test(each))) ||
      (HEIGHTS.test(wanted.resolution) && others.includes('highest'))
    if (mixed) throw new ApiError(400, 'resolution: highest cannot be combined with particular resolutions')
    const row = await insertStaticRendition(tx, ctx, assetId, wanted)
    if (asset.completed_at) await queueStaticRendition(tx, row.id)
    return row
  })
}

/** Takes a static rendition away, at once and for everybody; its bytes by a job. Throws ApiError 404. */
export async function deleteStaticRendition(ctx: EngineContext, assetId: string, id: string): Promise<void> {
  await changeFiles(ctx, assetId, async (tx) => {
    const { rows } = await tx.query<StaticRenditionRow>(
      'delete from engine.static_renditions where id = $1 and asset_id = $2 returning *',
      [id, assetId],
    )
    if (!rows[0]) throw notFound()
    await forgetFile(tx, rows[0])
    await emitStaticRendition(tx, ctx, 'deleted', rows[0])
  })
}

/** The older way to ask for files: replaces whatever it asked for before. Throws ApiError 404 or 400. */
export async function updateMp4Support(
  ctx: EngineContext,
  assetId: string,
  support: Mp4Support | 'none',
): Promise<void> {
  await changeFiles(ctx, assetId, async (tx) => {
    const asset = await lockAsset(tx, assetId)
    if ((asset.settings.mp4_support ?? 'none') === support) return
    if (asset.status === 'errored')
      throw new ApiError(400, 'The asset is errored: it has nothing to download.')
    const { rows } = await tx.query<StaticRenditionRow>(
      `delete from engine.static_renditions where asset_id = $1 and resolution like 'mp4:%' returning *`,
      [assetId],
    )
    for (const row of rows) await forgetFile(tx, row)
    if (support !== 'none' && asset.static_renditions.some(({ resolution }) => !isLegacy(resolution)))
      throw new ApiError(400, 'mp4_support cannot be combined with static_renditions')
    await tx.query(
      `update engine.assets set settings = case when $2 = 'none' then settings - 'mp4_support'
         else settings || jsonb_build_object('mp4_support', $2::text) end where id = $1`,
      [assetId, support],
    )
    if (support === 'none') await emitAsset(tx, ctx, 'video.asset.static_renditions.deleted', assetId)
    else if (asset.completed_at) await insertLegacyFiles(tx, ctx, assetId)
  })
}

/** Writes and queues the files of an asset's `mp4_support`, now that its source and ladder are known. */
export async function insertLegacyFiles(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  const asset = await findAsset(tx, assetId)
  if (!asset?.settings.mp4_support || asset.static_renditions.length > 0) return
  const hasSound = asset.media?.audio != null
  for (const resolution of legacyResolutions(asset.settings.mp4_support, shownSize(asset), hasSound)) {
    const row = await insertStaticRendition(tx, ctx, assetId, { resolution })
    await queueStaticRendition(tx, row.id)
  }
  await emitAsset(tx, ctx, 'video.asset.static_renditions.preparing', assetId)
}

async function lockAsset(tx: Queryable, assetId: string) {
  await tx.query('select 1 from engine.assets where id = $1 for update', [assetId])
  const asset = await findAsset(tx, assetId)
  if (!asset) throw notFound()
  return asset
}

async function forgetFile(tx: Queryable, row: StaticRenditionRow): Promise<void> {
  await tellIngestToStop(tx, sideName(row.asset_id, `static-${row.id}`))
  await addJob(tx, 'remove_files', { assetId: row.asset_id, prefixes: [staticPrefix(row)] })
}

async function changeFiles(ctx: EngineContext, assetId: string, change: (tx: Queryable) => Promise<void>) {
  const playbackIds = await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      'select 1 from engine.assets where id = $1 and deleted_at is null for update',
      [assetId],
    )
    if (rowCount !== 1) throw notFound()
    await change(tx)
    return tellPlaybackChanged(tx, assetId)
  })
  for (const id of playbackIds) ctx.onPlaybackEnded(id)
}
