import type { MediaInfo } from '#engine/media/ingest-context.ts'
import { soundsOf } from '#engine/media/transcode.ts'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import { languageName } from './tracks/languages.ts'

/**
 * Ties the rendition of one of the source's tracks of sound to its row in `tracks`; a further track gets that row
 * with its first rendition, when it can be chosen. Does nothing for other renditions.
 */
export async function linkSourceAudio(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  rendition: string,
): Promise<void> {
  if (!/^audio(-\d+)?$/.test(rendition)) return
  const { rows } = await tx.query<{ media: MediaInfo | null; track_id: string | null }>(
    `select a.media, r.track_id from engine.assets a
     join engine.renditions r on r.asset_id = a.id and r.name = $2 where a.id = $1`,
    [assetId, rendition],
  )
  if (!rows[0] || rows[0].track_id) return
  const trackId =
    rendition === 'audio'
      ? await primaryTrack(tx, assetId)
      : await insertTrack(tx, ctx, assetId, rendition, rows[0].media)
  if (!trackId) return
  await tx.query('update engine.renditions set track_id = $3 where asset_id = $1 and name = $2', [
    assetId,
    rendition,
    trackId,
  ])
}

async function primaryTrack(tx: Queryable, assetId: string): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from engine.tracks where asset_id = $1 and type = 'audio' and is_primary limit 1`,
    [assetId],
  )
  return rows[0]?.id ?? null
}

async function insertTrack(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  rendition: string,
  media: MediaInfo | null,
): Promise<string | null> {
  const audio = media && soundsOf(media).find(({ name }) => name === rendition)?.audio
  if (!audio) return null
  const id = newId()
  const number = Number(rendition.slice('audio-'.length)) + 1
  await tx.query(
    `insert into engine.tracks (id, asset_id, type, duration_seconds, max_channels, language_code, name, created_at)
     values ($1, $2, 'audio', $3, $4, $5, $6, $7)`,
    [
      id,
      assetId,
      media.durationSeconds,
      audio.channels,
      audio.language,
      audio.title ?? (audio.language ? languageName(audio.language) : `Track ${number}`),
      ctx.clock(),
    ],
  )
  return id
}
