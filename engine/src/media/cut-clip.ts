import { DAMAGED, MediaError } from '#engine/media/media-error.ts'
import { FfmpegFailure, runFfmpeg, SAFE_SOURCE } from '#engine/media/run-ffmpeg.ts'

export type ClipCut = {
  ffmpegPath: string
  sourcePath: string
  /** Where the clip is written; a Matroska file, whatever its name. */
  path: string
  /** Seconds of the source; `to` null: its end. */
  from: number
  to: number | null
  durationSeconds: number
  signal: AbortSignal
}

const STALL_MS = 120_000
/** Above what the finest picture comes to. */
const BYTES_A_SECOND = 25_000_000

/**
 * Cuts a part out of a source, exact to the frame, as a source of its own. A cut that only copied could begin at
 * keyframes alone; so pictures are coded anew, finely enough that the ladder made of them shows no difference, and
 * sound is kept without loss. Throws MediaError where nothing lies between the two instants.
 */
export async function cutClip(cut: ClipCut): Promise<void> {
  const to = Math.min(cut.to ?? cut.durationSeconds, cut.durationSeconds)
  if (to - cut.from < 0.04) {
    throw new MediaError('no_tracks', 'The clip would be empty: the asset ends before the clip begins.')
  }
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-y',
    ...SAFE_SOURCE,
    '-ss',
    String(cut.from),
    '-i',
    `file:${cut.sourcePath}`,
  ]
  args.push('-t', String(to - cut.from), '-map', '0:V:0?', '-map', '0:a?', '-map_metadata', '-1')
  args.push(
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '14',
    '-g',
    '50',
    '-c:a',
    'flac',
    '-strict',
    '-2',
  )
  args.push('-progress', 'pipe:1', '-f', 'matroska', `file:${cut.path}`)
  try {
    await runFfmpeg({
      command: cut.ffmpegPath,
      args,
      signal: cut.signal,
      deadlineMs: 600_000 + (to - cut.from) * 20_000,
      stallMs: STALL_MS,
      niceness: 5,
      fileBytes: Math.ceil((to - cut.from + 2) * BYTES_A_SECOND),
      onProgress: () => undefined,
    })
  } catch (error) {
    if (error instanceof FfmpegFailure) throw new MediaError('damaged', DAMAGED, error.stderr)
    throw error
  }
}
