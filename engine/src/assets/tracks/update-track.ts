import type { TrackRow } from '#engine/assets/asset-record.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { notFound } from '#engine/platform/errors.ts'
import { takenName } from './create-track.ts'
import { nameTaken } from './insert-track.ts'

export type TrackChange = {
  languageCode?: string | null
  name?: string | null
  closedCaptions?: boolean | null
  /** "" clears it. */
  passthrough?: string | null
}

/** Changes what a track says of itself; its bytes stay. Throws ApiError 404, or 400 if the name is taken. */
export async function updateTrack(
  ctx: EngineContext,
  assetId: string,
  trackId: string,
  change: TrackChange,
): Promise<TrackRow> {
  return inTransaction(ctx.pool, async (tx) => {
    await tx.query('select 1 from engine.assets where id = $1 for update', [assetId])
    const { rows } = await tx.query<TrackRow>(
      `update engine.tracks t set language_code = coalesce($3, language_code), name = coalesce($4, name),
         closed_captions = case when type = 'text' then coalesce($5, closed_captions) end,
         passthrough = nullif(coalesce($6, passthrough), ''), updated_at = $7
       where id = $2 and asset_id = $1
         and exists (select 1 from engine.assets where id = t.asset_id and deleted_at is null) returning *`,
      [
        assetId,
        trackId,
        change.languageCode ?? null,
        change.name || null,
        change.closedCaptions ?? null,
        change.passthrough ?? null,
        ctx.clock(),
      ],
    )
    const track = rows[0]
    if (!track) throw notFound()
    if (change.name && (await nameTaken(tx, assetId, track.type, change.name, trackId)))
      throw takenName(track.type)
    // Playlists name the sound by what its rendition says.
    await tx.query('update engine.renditions set language = $2 where track_id = $1', [
      trackId,
      track.language_code,
    ])
    await emitAsset(tx, ctx, 'video.asset.updated', assetId)
    return track
  })
}
