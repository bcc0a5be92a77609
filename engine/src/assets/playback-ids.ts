import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import type { PlaybackIdRow } from './asset-record.ts'
import { emitAsset } from './emit-asset.ts'
import { revokeAllSessions, tellPlaybackEnded } from './playback-sessions.ts'

/** A playback ID that is not deleted, of an asset that is not deleted. */
export async function findPlaybackId(db: Queryable, id: string): Promise<PlaybackIdRow | null> {
  const { rows } = await db.query<PlaybackIdRow>(
    `select p.id, p.asset_id, p.policy, p.created_at from engine.playback_ids p
     join engine.assets a on a.id = p.asset_id and a.deleted_at is null
     where p.id = $1 and p.deleted_at is null`,
    [id],
  )
  return rows[0] ?? null
}

/** Takes a playback ID away and ends its sessions. False if the asset has no such ID. */
export async function deletePlaybackId(ctx: EngineContext, assetId: string, id: string): Promise<boolean> {
  const deleted = await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update engine.playback_ids set deleted_at = $3 where id = $1 and asset_id = $2 and deleted_at is null`,
      [id, assetId, ctx.clock()],
    )
    if (rowCount !== 1) return false
    await revokeAllSessions(tx, ctx, id)
    await emitAsset(tx, ctx, 'video.asset.updated', assetId)
    await tellPlaybackEnded(tx, id)
    return true
  })
  if (deleted) ctx.onPlaybackEnded(id)
  return deleted
}
