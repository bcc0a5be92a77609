import type { TrackRow } from '#engine/assets/asset-record.ts'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { lockReadyAsset, takenName } from './create-track.ts'
import { insertTrack, nameTaken } from './insert-track.ts'
import { queueTrack } from './track-queue.ts'

export type WantedCaptions = { languageCode: string; name?: string | null; passthrough?: string | null }

/** Queues captions that write down an audio track. Throws ApiError 404, or 400 where they can't be made. */
export async function requestCaptions(
  ctx: EngineContext,
  assetId: string,
  audioTrackId: string,
  wanted: WantedCaptions[],
): Promise<TrackRow[]> {
  return inTransaction(ctx.pool, async (tx) => {
    await lockReadyAsset(tx, assetId)
    const { rows } = await tx.query<TrackRow>('select * from engine.tracks where id = $1 and asset_id = $2', [
      audioTrackId,
      assetId,
    ])
    if (!rows[0]) throw notFound()
    if (rows[0].type !== 'audio' || rows[0].status !== 'ready')
      throw new ApiError(400, 'Subtitles can be generated for audio tracks that are ready only.')
    if (!ctx.settings.transcribeCommand)
      throw new ApiError(400, 'Generated subtitles are not enabled: this engine has no speech recogniser.')
    const tracks: TrackRow[] = []
    for (const each of wanted) {
      if (each.name && (await nameTaken(tx, assetId, 'text', each.name))) throw takenName('text')
      const made = { type: 'text', url: null, source: 'generated_vod', generatedFrom: audioTrackId } as const
      const track = await insertTrack(tx, ctx, assetId, { ...made, ...each })
      await queueTrack(tx, track)
      tracks.push(track)
    }
    return tracks
  })
}
