import type { TrackRow } from '#engine/assets/asset-record.ts'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import { emitEvent } from '#engine/webhooks/emit.ts'
import { languageName } from './languages.ts'
import { trackEventJson } from './track-json.ts'

export type NewTrack = {
  type: 'text' | 'audio'
  /** Where the file is fetched from; null for what comes out of the asset itself. */
  url: string | null
  languageCode: string
  /** Without one it is made from the language, with a number if that is taken. */
  name?: string | null
  closedCaptions?: boolean | null
  passthrough?: string | null
  /** Of texts. */
  source?: 'uploaded' | 'embedded' | 'generated_vod'
  /** Of embedded texts: the source's stream. */
  streamIndex?: number
  /** Of generated texts: the audio track. */
  generatedFrom?: string
}

/**
 * Writes a track that is still to be made, and its event, in the caller's transaction, which holds the asset's row.
 * Its job is queued by whoever knows that the asset is ready.
 */
export async function insertTrack(
  tx: Queryable,
  ctx: EngineContext,
  assetId: string,
  track: NewTrack,
): Promise<TrackRow> {
  const name = track.name || (await freeName(tx, assetId, track.type, languageName(track.languageCode)))
  const { rows } = await tx.query<TrackRow>(
    `insert into engine.tracks (id, asset_id, type, status, text_type, text_source, language_code, name,
       closed_captions, passthrough, source_url, stream_index, generated_from, created_at)
     values ($1, $2, $3, 'preparing', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *`,
    [
      newId(),
      assetId,
      track.type,
      track.type === 'text' ? 'subtitles' : null,
      track.type === 'text' ? (track.source ?? 'uploaded') : null,
      track.languageCode,
      name,
      track.type === 'text' ? (track.closedCaptions ?? false) : null,
      track.passthrough || null,
      track.url,
      track.streamIndex ?? null,
      track.generatedFrom ?? null,
      ctx.clock(),
    ],
  )
  await emitTrack(tx, ctx, 'created', rows[0]!)
  return rows[0]!
}

/** Whether a track of the same kind bears this name; deleted ones don't count. */
export async function nameTaken(
  tx: Queryable,
  assetId: string,
  type: string,
  name: string,
  except = '',
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from engine.tracks where asset_id = $1 and type = $2 and name = $3 and id <> $4 limit 1',
    [assetId, type, name, except],
  )
  return rowCount === 1
}

async function freeName(tx: Queryable, assetId: string, type: string, wanted: string): Promise<string> {
  let name = wanted
  for (let number = 2; await nameTaken(tx, assetId, type, name); number += 1) name = `${wanted} (${number})`
  return name
}

export async function emitTrack(
  tx: Queryable,
  ctx: EngineContext,
  what: 'created' | 'ready' | 'errored' | 'deleted',
  track: TrackRow,
): Promise<void> {
  await emitEvent(tx, ctx, {
    type: `video.asset.track.${what}`,
    object: { type: 'track', id: track.id },
    data: trackEventJson(track),
  })
}
