import type { TrackRow } from '#engine/assets/asset-record.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { insertTrack, type NewTrack, nameTaken } from './insert-track.ts'
import { queueTrack } from './track-queue.ts'

/** Of one asset, its own picture and sound included. */
const MOST_TRACKS = 100

/** Adds a track to an asset that is ready, and queues its making. Throws ApiError 404, or 400 with the reason. */
export async function createTrack(ctx: EngineContext, assetId: string, track: NewTrack): Promise<TrackRow> {
  return inTransaction(ctx.pool, async (tx) => {
    await lockReadyAsset(tx, assetId)
    if (track.name && (await nameTaken(tx, assetId, track.type, track.name))) throw takenName(track.type)
    const { rows } = await tx.query<{ count: number }>(
      'select count(*) as count from engine.tracks where asset_id = $1',
      [assetId],
    )
    if (rows[0]!.count >= MOST_TRACKS) throw new ApiError(400, `An asset has ${MOST_TRACKS} tracks at most.`)
    const made = await insertTrack(tx, ctx, assetId, track)
    await queueTrack(tx, made)
    return made
  })
}

/** Holds the asset's row, so that names stay unique and a deletion waits. */
export async function lockReadyAsset(tx: Queryable, assetId: string): Promise<void> {
  const { rows } = await tx.query<{ status: string }>(
    'select status from engine.assets where id = $1 and deleted_at is null for update',
    [assetId],
  )
  if (!rows[0]) throw notFound()
  if (rows[0].status !== 'ready') throw new ApiError(400, 'The asset must be in the ready state.')
}

export const takenName = (type: string) =>
  new ApiError(400, `name: another ${type} track of this asset has this name`)
