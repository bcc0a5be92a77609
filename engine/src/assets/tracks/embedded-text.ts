import { type FullAsset, findAsset, type TrackRow } from '#engine/assets/asset-record.ts'
import { runSideWork, type SideParts, type SideWork } from '#engine/assets/side-work.ts'
import { CaptionsError, readCaptions } from '#engine/media/captions/read-captions.ts'
import { writeVtt } from '#engine/media/captions/write-vtt.ts'
import { extractText, MOST_TEXT_STREAMS, type TextSource } from '#engine/media/extract-text.ts'
import { isMediaError } from '#engine/media/media-error.ts'
import type { SubtitleInfo } from '#engine/media/media-info.ts'
import { explain } from '#engine/media/probe.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { insertTrack, nameTaken } from './insert-track.ts'
import { canonicalLanguage } from './languages.ts'
import { countTrackFailure, failTracks, keepCaptions } from './track-outcome.ts'
import { queueTrack } from './track-queue.ts'

const HOUR_MS = 3600_000
const WORDLESS = 'This subtitle stream of the file holds no text.'

/**
 * Writes a text track for each stream of words in the source, still to be extracted. Streams of pictures (DVD, Blu-ray,
 * DVB) would need reading by machine: they are named in the log and left out.
 */
export async function insertEmbedded(
  tx: Queryable,
  ctx: EngineContext,
  asset: FullAsset,
): Promise<TrackRow[]> {
  const streams = asset.media?.subtitles ?? []
  const pictures = streams.filter((stream) => !stream.text).map(({ index, codec }) => `${index} (${codec})`)
  if (pictures.length > 0)
    ctx.log.info({ assetId: asset.id, streams: pictures }, 'subtitles of pictures are left out')
  const tracks: TrackRow[] = []
  for (const stream of streams.filter(({ text }) => text).slice(0, MOST_TEXT_STREAMS)) {
    const title = stream.title?.slice(0, 255)
    const name = title && !(await nameTaken(tx, asset.id, 'text', title)) ? title : null
    tracks.push(
      await insertTrack(tx, ctx, asset.id, {
        type: 'text',
        url: null,
        source: 'embedded',
        languageCode: canonicalLanguage(stream.language ?? 'und') ?? 'und',
        name,
        closedCaptions: stream.codec === 'eia_608',
        streamIndex: stream.index,
      }),
    )
  }
  return tracks
}

/** Job: takes every text that is embedded in an asset's source out of it, in one pass. */
export async function extractEmbedded(parts: SideParts, assetId: string): Promise<void> {
  const { ctx } = parts
  const asset = await findAsset(ctx.pool, assetId)
  const tracks = (asset?.tracks ?? []).filter(
    (track) => track.text_source === 'embedded' && track.status === 'preparing',
  )
  if (!asset || tracks.length === 0) return
  const ids = tracks.map(({ id }) => id)
  await runSideWork(parts, {
    assetId,
    name: 'embedded',
    deadlineMs: HOUR_MS,
    run: (place) => extract(parts, asset, tracks, place),
    queue: (db, runAt) => queueTrack(db, tracks[0]!, runAt),
    countFailure: () => countTrackFailure(ctx, ids),
    fail: (error) => inTransaction(ctx.pool, (tx) => failTracks(tx, ctx, ids, error)),
  })
}

async function extract(
  parts: SideParts,
  asset: FullAsset,
  tracks: TrackRow[],
  { workFolder, signal }: Parameters<SideWork['run']>[0],
): Promise<void> {
  const { ctx, sources } = parts
  if (!asset.source_key) throw new Error(`asset ${asset.id} has no source`)
  const source = await sources.open(asset.source_key, workFolder, signal)
  try {
    const place = {
      ffmpegPath: ctx.settings.ffmpegPath,
      sourcePath: source.path,
      signal,
      deadlineMs: HOUR_MS,
    }
    const texts = await allOrEach(
      place,
      tracks.map((track) => streamOf(asset, track)),
    )
    for (const [index, track] of tracks.entries()) await keep(parts, asset, track, texts[index] ?? null)
  } finally {
    await source.release()
  }
}

const streamOf = (asset: FullAsset, track: TrackRow): SubtitleInfo =>
  asset.media!.subtitles.find(({ index }) => index === track.stream_index)!

/** One pass for all; if a stream spoils it, each on its own. Null for what can't be read. */
async function allOrEach(place: TextSource, streams: SubtitleInfo[]): Promise<(Buffer | null)[]> {
  const all = await extractText(place, streams).catch((error) => unreadable(error))
  if (all) return all
  const texts: (Buffer | null)[] = []
  for (const stream of streams) {
    const one = await extractText(place, [stream]).catch((error) => unreadable(error))
    texts.push(one?.[0] ?? null)
  }
  return texts
}

function unreadable(error: unknown): null {
  const cause = explain(error)
  if (isMediaError(cause) && cause.code !== 'timeout') return null
  throw error
}

async function keep(parts: SideParts, asset: FullAsset, track: TrackRow, text: Buffer | null): Promise<void> {
  try {
    const cues = text
      ? readCaptions(text, { languageCode: null, durationSeconds: asset.duration_seconds })
      : []
    if (cues.length === 0) throw new CaptionsError(WORDLESS)
    await keepCaptions(parts, track, writeVtt(cues))
  } catch (error) {
    if ((error as Error).name !== 'CaptionsError') throw error
    await inTransaction(parts.ctx.pool, (tx) =>
      failTracks(tx, parts.ctx, [track.id], { type: 'invalid_input', message: WORDLESS }),
    )
  }
}
