import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { MediaInfo } from '#engine/media/media-info.ts'
import { FfmpegFailure, runFfmpeg, SAFE_SOURCE } from '#engine/media/run-ffmpeg.ts'

export type RewrapRun = {
  ffmpegPath: string
  sourcePath: string
  workFolder: string
  signal: AbortSignal
  deadlineMs: number
}

const STALL_MS = 180_000
const SLACK_BYTES = 64 * 1024 * 1024

/**
 * The source's picture and all of its sound in an MP4 with the index first, every packet as it is; sound that MP4 can't
 * hold (PCM, TrueHD) becomes ALAC, which loses nothing. Null if MP4 can't hold the picture. Returns a path.
 */
export async function rewrapMp4(run: RewrapRun, info: MediaInfo): Promise<string | null> {
  const path = join(run.workFolder, 'master.mp4')
  for (const sound of [
    ['-c:a', 'copy'],
    ['-c:a', 'alac'],
  ]) {
    const done = await attempt(run, info, sound, path).then(
      () => true,
      (error) => {
        if (error instanceof FfmpegFailure) return false
        throw error
      },
    )
    if (done) return path
    if (!info.audio) return null
  }
  return null
}

async function attempt(run: RewrapRun, info: MediaInfo, sound: string[], path: string): Promise<void> {
  // Sound that is packed anew is no larger than it was; the index may be.
  const fileBytes = Math.ceil((await stat(run.sourcePath)).size * 1.25) + SLACK_BYTES
  const streams = [...(info.video ? [info.video] : []), ...info.audios]
  await runFfmpeg({
    command: run.ffmpegPath,
    args: [
      ...['-v', 'error', '-nostdin', '-y', ...SAFE_SOURCE, '-i', `file:${run.sourcePath}`],
      ...streams.flatMap(({ index }) => ['-map', `0:${index}`]),
      ...['-c:v', 'copy', ...sound, '-strict', 'experimental', '-map_chapters', '-1'],
      ...['-movflags', '+faststart', '-f', 'mp4', `file:${path}`, '-progress', 'pipe:1'],
    ],
    signal: run.signal,
    deadlineMs: run.deadlineMs,
    stallMs: STALL_MS,
    niceness: 10,
    fileBytes,
  })
}
