import type { TrackRow } from '#engine/assets/asset-record.ts'
import { tellPlaybackChanged } from '#engine/assets/playback-changes.ts'
import { tellIngestToStop } from '#engine/assets/running-ingests.ts'
import { sideName } from '#engine/assets/side-work.ts'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { emitTrack } from './insert-track.ts'

/**
 * Takes a text, or sound other than the primary one, away: gone from the API and from playlists at once, its bytes by
 * a job. Throws ApiError 404, and 400 for pictures and the primary sound.
 */
export async function deleteTrack(ctx: EngineContext, assetId: string, trackId: string): Promise<void> {
  const playbackIds = await inTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<TrackRow>(
      `select t.* from engine.tracks t join engine.assets a on a.id = t.asset_id and a.deleted_at is null
       where t.id = $2 and t.asset_id = $1 for update of t`,
      [assetId, trackId],
    )
    const track = rows[0]
    if (!track) throw notFound()
    if (track.type === 'video') throw new ApiError(400, 'The video track of an asset cannot be deleted.')
    if (track.is_primary) throw new ApiError(400, 'The primary audio track of an asset cannot be deleted.')
    const { rows: renditions } = await tx.query<{ folder: string }>(
      'select folder from engine.renditions where track_id = $1',
      [trackId],
    )
    await tx.query('delete from engine.tracks where id = $1', [trackId])
    await emitTrack(tx, ctx, 'deleted', { ...track, status: 'deleted' })
    await tellIngestToStop(tx, sideName(assetId, trackFolder(track)))
    const prefixes = [trackPrefix(track), ...renditions.map(({ folder }) => folder)]
    await addJob(tx, 'remove_files', { assetId, prefixes })
    return tellPlaybackChanged(tx, assetId)
  })
  for (const id of playbackIds) ctx.onPlaybackEnded(id)
}

/** Folder of a track's files below its asset's; also the name of its rendition, and of the work that makes it. */
export const trackFolder = (track: Pick<TrackRow, 'id' | 'type'>) => `${track.type}-${track.id}`

/** Storage prefix of a track's files; ends in '/'. */
export const trackPrefix = (track: Pick<TrackRow, 'id' | 'type' | 'asset_id'>) =>
  `assets/${track.asset_id}/${trackFolder(track)}/`
