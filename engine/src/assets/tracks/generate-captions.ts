import { join } from 'node:path'
import type { FullAsset, TrackRow } from '#engine/assets/asset-record.ts'
import { finishedRenditions } from '#engine/assets/ingest-reports.ts'
import { GivenFault, type SideParts, type SideWork } from '#engine/assets/side-work.ts'
import { joinSegments } from '#engine/media/assemble-mp4.ts'
import { MOST_CAPTION_BYTES, readCaptions } from '#engine/media/captions/read-captions.ts'
import { writeVtt } from '#engine/media/captions/write-vtt.ts'
import { soundToWav } from '#engine/media/sound-to-wav.ts'
import { transcribe } from '#engine/media/transcribe.ts'
import { canonicalLanguage } from './languages.ts'
import { keepCaptions } from './track-outcome.ts'

/** Writes down what an audio track says, by the program that the operator configured. */
export async function generateCaptions(
  parts: SideParts,
  asset: FullAsset,
  track: TrackRow,
  { workFolder, signal }: Parameters<SideWork['run']>[0],
): Promise<void> {
  const { ctx, storage } = parts
  const command = ctx.settings.transcribeCommand
  if (!command) throw new GivenFault('This engine has no speech recogniser.')
  const rendition = await soundOf(parts, asset, track)
  const [joined, wavPath] = [join(workFolder, 'sound.mp4'), join(workFolder, 'sound.wav')]
  await joinSegments({ storage, signal }, rendition, joined)
  const deadlineMs = 600_000 + (asset.duration_seconds ?? 0) * 10_000
  await soundToWav({ ffmpegPath: ctx.settings.ffmpegPath, from: joined, to: wavPath, signal, deadlineMs })
  const languageCode = track.language_code ?? 'auto'
  const written = await transcribe({
    ...{ command, wavPath, languageCode, workFolder, deadlineMs, signal },
    mostBytes: MOST_CAPTION_BYTES,
  })
  const cues = readCaptions(written, { languageCode: null, durationSeconds: asset.duration_seconds })
  const heard = languageCode === 'auto' ? languageIn(written) : null
  await keepCaptions(parts, track, writeVtt(cues), heard)
}

async function soundOf({ ctx }: SideParts, asset: FullAsset, track: TrackRow) {
  const { rows } = await ctx.pool.query<{ name: string }>(
    'select name from engine.renditions where asset_id = $1 and track_id = $2',
    [asset.id, track.generated_from],
  )
  const all = (await finishedRenditions(ctx.pool, asset.id)).filter(({ kind }) => kind === 'audio')
  const wanted = [...rows.map(({ name }) => name), 'audio', 'source-audio']
  const found = wanted
    .map((name) => all.find((each) => each.name === name))
    .find((each) => each !== undefined)
  if (!found) throw new GivenFault('The asset has no sound to write down.')
  return found
}

/** `Language: de` in the header of a WebVTT file. */
function languageIn(vtt: Buffer): string | null {
  const header = vtt
    .subarray(0, 1000)
    .toString('utf8')
    .split(/\r?\n\r?\n/, 1)[0]!
  const code = /^Language:\s*([A-Za-z0-9-]{2,35})\s*$/m.exec(header)?.[1]
  return code ? canonicalLanguage(code) : null
}
