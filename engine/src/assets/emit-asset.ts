import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { type EventType, emitEvent } from '#engine/webhooks/emit.ts'
import { assetJson } from './asset-json.ts'
import { findAsset } from './asset-record.ts'

/** Writes an event with the asset as it stands in this transaction. */
export async function emitAsset(
  tx: Queryable,
  ctx: EngineContext,
  type: EventType,
  assetId: string,
): Promise<void> {
  const asset = await findAsset(tx, assetId)
  if (!asset) return
  await emitEvent(tx, ctx, {
    type,
    object: { type: 'asset', id: assetId },
    data: assetJson(asset, 'integer'),
  })
}
