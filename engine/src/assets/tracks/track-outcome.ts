import type { TrackRow } from '#engine/assets/asset-record.ts'
import { tellPlaybackChanged } from '#engine/assets/playback-changes.ts'
import type { SideError, SideParts } from '#engine/assets/side-work.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { trackPrefix } from './delete-track.ts'
import { emitTrack } from './insert-track.ts'

/** Puts a text's WebVTT into storage and makes the track ready. If the track is gone meanwhile, nothing stays. */
export async function keepCaptions(
  { ctx, storage }: SideParts,
  track: TrackRow,
  vtt: string,
  languageCode: string | null = null,
): Promise<void> {
  const key = `${trackPrefix(track)}captions.vtt`
  await storage.put(key, Buffer.from(vtt))
  const kept = await finishTrack(ctx, track.id, async (tx) => {
    await tx.query(
      'update engine.tracks set object_key = $2, language_code = coalesce($3, language_code) where id = $1',
      [track.id, key, languageCode],
    )
  })
  if (!kept) await storage.deletePrefix(trackPrefix(track))
}

/**
 * Makes a track ready together with what `write` says of it. False, and nothing written, if the track or its asset is
 * deleted or the track is no longer being prepared.
 */
export async function finishTrack(
  ctx: EngineContext,
  trackId: string,
  write: (tx: Queryable, track: TrackRow) => Promise<void>,
): Promise<boolean> {
  const playbackIds = await inTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<TrackRow>(
      `select t.* from engine.assets a join engine.tracks t on t.asset_id = a.id
       where t.id = $1 and t.status = 'preparing' and a.deleted_at is null for update`,
      [trackId],
    )
    if (!rows[0]) return null
    await write(tx, rows[0])
    await settle(tx, ctx, trackId, 'ready', null)
    return tellPlaybackChanged(tx, rows[0].asset_id)
  })
  for (const id of playbackIds ?? []) ctx.onPlaybackEnded(id)
  return playbackIds !== null
}

/** Ends tracks that are still being prepared, with the reason. */
export async function failTracks(
  tx: Queryable,
  ctx: EngineContext,
  ids: string[],
  error: SideError,
): Promise<void> {
  for (const id of ids) await settle(tx, ctx, id, 'errored', error)
}

async function settle(
  tx: Queryable,
  ctx: EngineContext,
  trackId: string,
  status: 'ready' | 'errored',
  error: SideError | null,
): Promise<void> {
  const { rows } = await tx.query<TrackRow>(
    `update engine.tracks set status = $2, error = $3, updated_at = $4 where id = $1 and status = 'preparing' returning *`,
    [trackId, status, error && JSON.stringify({ type: error.type, messages: [error.message] }), ctx.clock()],
  )
  if (rows[0]) await emitTrack(tx, ctx, status, rows[0])
}

/** Counts a failure of tracks that are made together; returns how many there have been. */
export async function countTrackFailure(ctx: EngineContext, ids: string[]): Promise<number> {
  const { rows } = await ctx.pool.query<{ failures: number }>(
    'update engine.tracks set failures = failures + 1 where id = any($1) returning failures',
    [ids],
  )
  return Math.max(0, ...rows.map(({ failures }) => failures))
}
