import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AssembleRun } from '#engine/media/assemble-mp4.ts'
import { filterGraph } from '#engine/media/filter-graph.ts'
import type { MediaInfo } from '#engine/media/media-info.ts'
import { explain } from '#engine/media/probe.ts'
import { runFfmpeg, SAFE_SOURCE } from '#engine/media/run-ffmpeg.ts'

const MOST_FRAMES = 60
const STALL_MS = 180_000
const SLACK_BYTES = 64 * 1024 * 1024
const MOST_BYTES_A_SECOND = 6_000_000

/**
 * One progressive MP4 of a source at a size that the ladder has not, H.264 and stereo AAC, index first. Both tracks
 * come out of one decode, so they stay in step. Returns the path in the work folder, and bytes.
 */
export async function encodeMp4(
  run: Omit<AssembleRun, 'storage'> & { sourcePath: string },
  info: MediaInfo,
  size: { width: number; height: number },
): Promise<{ path: string; bytes: number }> {
  const { video, audio } = info
  if (!video) throw new Error('there is no picture to encode')
  const frameRateCap = video.frameRate > MOST_FRAMES * 1.01 ? MOST_FRAMES : null
  const rung = { name: 'static', ...size, frameRateCap, maxBitRate: 0 }
  const path = join(run.workFolder, 'result.mp4')
  const sound = [
    '-map',
    `0:${audio?.index}`,
    '-af',
    'aresample=48000:async=1',
    '-ac',
    '2',
    '-c:a',
    'aac',
    '-b:a',
    '128k',
  ]
  await runFfmpeg({
    command: run.ffmpegPath,
    args: [
      ...['-v', 'error', '-nostdin', '-y', ...SAFE_SOURCE, '-i', `file:${run.sourcePath}`],
      ...['-filter_complex', filterGraph(video, [rung]), '-map', '[v0]', '-fps_mode', 'vfr'],
      ...[
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-profile:v',
        'high',
        '-pix_fmt',
        'yuv420p',
        '-crf',
        '22',
      ],
      ...['-g', '250', ...(audio ? sound : [])],
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-movflags', '+faststart'],
      ...['-f', 'mp4', `file:${path}`, '-progress', 'pipe:1'],
    ],
    signal: run.signal,
    deadlineMs: run.deadlineMs,
    stallMs: STALL_MS,
    niceness: 10,
    fileBytes: SLACK_BYTES + Math.ceil(info.durationSeconds) * MOST_BYTES_A_SECOND,
  }).catch((error) => {
    throw explain(error)
  })
  return { path, bytes: (await stat(path)).size }
}
