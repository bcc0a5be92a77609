import { type AssetRow, findAsset, type StaticRenditionRow } from '#engine/assets/asset-record.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import type { SideError } from '#engine/assets/side-work.ts'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { emitEvent } from '#engine/webhooks/emit.ts'
import { fileNameOf, isLegacy } from './file-names.ts'
import { overallStatus, staticRenditionEventJson } from './static-rendition-json.ts'

/** Writes a static rendition that is still to be made, and its event. Queue it once the ladder stands. */
export async function insertStaticRendition(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  wanted: { resolution: string; passthrough?: string | null },
): Promise<StaticRenditionRow> {
  const name = fileNameOf(wanted.resolution)
  const { rows } = await tx.query<StaticRenditionRow>(
    `insert into engine.static_renditions (id, asset_id, name, ext, resolution, passthrough, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning *`,
    [
      newId(),
      assetId,
      name,
      name.endsWith('.m4a') ? 'm4a' : 'mp4',
      wanted.resolution,
      wanted.passthrough || null,
      ctx.clock(),
    ],
  )
  await emitStaticRendition(tx, ctx, 'created', rows[0]!)
  return rows[0]!
}

export async function queueStaticRendition(tx: Queryable, id: string, runAt?: Date): Promise<void> {
  const key = `make_static_rendition:${id}`
  await addJob(tx, 'make_static_rendition', { staticRenditionId: id }, { key, runAt, priority: 10 })
}

export type Outcome =
  | {
      status: 'ready'
      key: string
      bytes: number
      bitRate: number
      width: number | null
      height: number | null
    }
  | { status: 'skipped' | 'errored'; error: SideError }

/** Ends the making of a static rendition. False if it, or its asset, is gone meanwhile. */
export async function settleStaticRendition(
  tx: Queryable,
  ctx: EngineContext,
  id: string,
  outcome: Outcome,
): Promise<boolean> {
  const made = outcome.status === 'ready' ? outcome : null
  const error =
    outcome.status === 'ready' ? null : { type: outcome.error.type, messages: [outcome.error.message] }
  const { rows } = await tx.query<StaticRenditionRow>(
    `update engine.static_renditions r set status = $2, object_key = $3, bytes = $4, bit_rate = $5, width = $6,
       height = $7, error = $8
     where id = $1 and status = 'preparing'
       and exists (select 1 from engine.assets where id = r.asset_id and deleted_at is null for update) returning *`,
    [
      id,
      outcome.status,
      made?.key ?? null,
      made?.bytes ?? null,
      made && Math.round(made.bitRate),
      made?.width ?? null,
      made?.height ?? null,
      error && JSON.stringify(error),
    ],
  )
  if (!rows[0]) return false
  await emitStaticRendition(tx, ctx, outcome.status, rows[0])
  if (isLegacy(rows[0].resolution)) await emitLegacyEnd(tx, ctx, rows[0].asset_id)
  return true
}

/** `mp4_support` has one event for all of its files. */
async function emitLegacyEnd(tx: Queryable, ctx: EngineContext, assetId: string): Promise<void> {
  const status = overallStatus((await findAsset(tx, assetId))?.static_renditions ?? [])
  if (status === 'ready' || status === 'errored')
    await emitAsset(tx, ctx, `video.asset.static_renditions.${status}`, assetId)
}

export async function emitStaticRendition(
  tx: Queryable,
  ctx: EngineContext,
  what: 'created' | 'ready' | 'errored' | 'skipped' | 'deleted',
  row: StaticRenditionRow,
): Promise<void> {
  // Files of `mp4_support` are told of together.
  if (isLegacy(row.resolution)) return
  await emitEvent(tx, ctx, {
    type: `video.asset.static_rendition.${what}`,
    object: { type: 'static_rendition', id: row.id },
    data: staticRenditionEventJson(row),
  })
}

/** Storage prefix of a static rendition's file; ends in '/'. */
export const staticPrefix = (row: Pick<StaticRenditionRow, 'id' | 'asset_id'>) =>
  `assets/${row.asset_id}/static-${row.id}/`

/** The picture as it is shown, or null. */
export function shownSize(asset: Pick<AssetRow, 'max_width' | 'max_height'>) {
  const { max_width: width, max_height: height } = asset
  return width && height ? { width, height } : null
}
