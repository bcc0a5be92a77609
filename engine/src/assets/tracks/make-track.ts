import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FullAsset, findAsset, type TrackRow } from '#engine/assets/asset-record.ts'
import { download } from '#engine/assets/fetch/download.ts'
import { writeRendition } from '#engine/assets/ingest-reports.ts'
import { GivenFault, runSideWork, type SideParts, type SideWork } from '#engine/assets/side-work.ts'
import { addAudio } from '#engine/media/add-audio.ts'
import { MOST_CAPTION_BYTES, readCaptions } from '#engine/media/captions/read-captions.ts'
import { writeVtt } from '#engine/media/captions/write-vtt.ts'
import { probe } from '#engine/media/probe.ts'
import { createOutboundGuard } from '#engine/platform/outbound-guard.ts'
import { trackFolder, trackPrefix } from './delete-track.ts'
import { generateCaptions } from './generate-captions.ts'
import { countTrackFailure, failTracks, finishTrack, keepCaptions } from './track-outcome.ts'
import { queueTrack } from './track-queue.ts'

type Place = Parameters<SideWork['run']>[0]

const TEXT_DEADLINE_MS = 3 * 60_000
/** Shorter than the work's own deadline, so that a slow server is named as the cause. */
const FETCH_TEXT_MS = 2 * 60_000
const HOUR_MS = 3600_000

/** Job: fetches, checks and stores one track that was added to an asset, or writes down what one says. */
export async function makeTrack(parts: SideParts, trackId: string): Promise<void> {
  const { ctx } = parts
  const { rows } = await ctx.pool.query<TrackRow>(
    `select * from engine.tracks where id = $1 and status = 'preparing'`,
    [trackId],
  )
  const track = rows[0]
  const asset = track && (await findAsset(ctx.pool, track.asset_id))
  // An asset that is not ready yet queues its tracks when it is.
  if (!track || asset?.status !== 'ready') return
  const generated = track.text_source === 'generated_vod'
  const make = track.type === 'audio' ? makeAudio : generated ? generateCaptions : makeText
  const seconds = asset.duration_seconds ?? 0
  await runSideWork(parts, {
    assetId: asset.id,
    name: trackFolder(track),
    deadlineMs: make === makeText ? TEXT_DEADLINE_MS : HOUR_MS + seconds * 10_000,
    run: (place) => make(parts, asset, track, place),
    queue: (db, runAt) => queueTrack(db, track, runAt),
    countFailure: () => countTrackFailure(ctx, [track.id]),
    fail: (error) => failTracks(ctx.pool, ctx, [track.id], error),
  })
}

async function makeText(parts: SideParts, asset: FullAsset, track: TrackRow, place: Place): Promise<void> {
  const path = await fetchFile(parts, track, place, { maxBytes: MOST_CAPTION_BYTES, totalMs: FETCH_TEXT_MS })
  const cues = readCaptions(await readFile(path), {
    languageCode: track.language_code,
    durationSeconds: asset.duration_seconds,
  })
  await keepCaptions(parts, track, writeVtt(cues))
}

async function makeAudio(parts: SideParts, asset: FullAsset, track: TrackRow, place: Place): Promise<void> {
  const { ctx, storage } = parts
  const { settings } = ctx
  // What an earlier attempt left; nobody else works on this track now.
  await storage.deletePrefix(trackPrefix(track))
  const sourcePath = await fetchFile(parts, track, place, { maxBytes: settings.maxUploadBytes })
  const info = await probe(sourcePath, { ...settings, signal: place.signal })
  if (!info.audio) throw new GivenFault('This file has no sound.')
  const {
    duration,
    samples: _,
    ...rendition
  } = await addAudio(
    {
      ffmpegPath: settings.ffmpegPath,
      sourcePath,
      storage,
      signal: place.signal,
      deadlineMs: HOUR_MS + (asset.duration_seconds ?? 0) * 10_000,
    },
    info,
    {
      name: trackFolder(track),
      folder: `${trackPrefix(track)}${place.attempt}/`,
      language: track.language_code,
      durationSeconds: asset.duration_seconds ?? info.durationSeconds,
    },
  )
  const kept = await finishTrack(ctx, track.id, async (tx, current) => {
    await writeRendition(tx, ctx, asset.id, { ...rendition, language: current.language_code })
    await tx.query('update engine.renditions set track_id = $3 where asset_id = $1 and name = $2', [
      asset.id,
      rendition.name,
      track.id,
    ])
    await tx.query('update engine.tracks set duration_seconds = $2, max_channels = $3 where id = $1', [
      track.id,
      duration,
      rendition.channels,
    ])
  })
  if (!kept) await storage.deletePrefix(trackPrefix(track))
}

async function fetchFile(
  { ctx }: SideParts,
  track: TrackRow,
  place: Place,
  limits: { maxBytes: number; totalMs?: number },
): Promise<string> {
  if (!track.source_url) throw new Error(`track ${track.id} has no address`)
  const path = join(place.workFolder, 'fetched')
  const guard = createOutboundGuard(ctx.settings.allowedInputHosts)
  await download({ url: track.source_url, path, ...limits, guard, signal: place.signal })
  return path
}
