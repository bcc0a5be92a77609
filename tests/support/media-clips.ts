import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const FFMPEG = process.env.FFMPEG_PATH ?? 'ffmpeg'
const FFPROBE = process.env.FFPROBE_PATH ?? 'ffprobe'

/** Absolute, as the engine's environment for ffmpeg is empty. */
export async function toolPaths(): Promise<{ ffmpegPath: string; ffprobePath: string }> {
  const paths = await Promise.all([FFMPEG, FFPROBE].map((tool) => run('which', [tool])))
  const [ffmpegPath = '', ffprobePath = ''] = paths.map(({ stdout }) => stdout.trim())
  return { ffmpegPath, ffprobePath }
}

export type ClipFolder = {
  folder: string
  /** Makes a file with ffmpeg from `args` (inputs and options) and returns its path. */
  make(name: string, args: string[]): Promise<string>
  remove(): Promise<void>
}

/** A temporary folder for clips made with ffmpeg's own generators. */
export async function createClipFolder(): Promise<ClipFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'clips-'))
  return {
    folder,
    async make(name, args) {
      const path = join(folder, name)
      await run(FFMPEG, ['-v', 'error', '-nostdin', '-y', ...args, path])
      return path
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Generator input of moving pictures. */
export const pictures = (size: string, seconds: number, rate = 25) => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
]
/** Generator input of a tone. */
export const tone = (seconds: number, rate = 48000) => [
  ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${rate}:duration=${seconds}`],
]
/** Small H.264 with a keyframe every second, and AAC. */
export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '25', '-pix_fmt', 'yuv420p']
export const AAC = ['-c:a', 'aac', '-b:a', '96k']

export type Decoded = {
  frames: number
  /** Presentation times of the first and the last picture or sound, seconds. */
  first: number
  last: number
  keyframes: number[]
  stream: Record<string, unknown>
}

/** Decodes the first stream of a kind, counting what comes out. `source` is a path or URL. */
export async function decode(source: string, kind: 'v' | 'a', input: string[] = []): Promise<Decoded> {
  const { stdout } = await run(
    FFPROBE,
    [
      ...['-v', 'error', ...input, '-select_streams', `${kind}:0`, '-of', 'json', '-show_streams'],
      ...[
        '-show_frames',
        '-show_entries',
        'frame=pts_time,best_effort_timestamp_time,key_frame:stream',
        source,
      ],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  const { frames, streams } = JSON.parse(stdout) as {
    frames: { best_effort_timestamp_time: string; key_frame: number }[]
    streams: Record<string, unknown>[]
  }
  const times = frames.map((frame) => Number(frame.best_effort_timestamp_time))
  return {
    frames: frames.length,
    first: Math.min(...times),
    last: Math.max(...times),
    keyframes: times.filter((_, index) => frames[index]!.key_frame === 1),
    stream: streams[0] ?? {},
  }
}

/** Decoding and presentation times of the first video stream's packets, seconds, in file order. */
export async function packetTimes(source: string): Promise<{ dts: number; pts: number }[]> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-of',
    'json',
    '-show_entries',
    'packet=pts_time,dts_time',
    source,
  ]
  const { stdout } = await run(FFPROBE, args, { maxBuffer: 64 * 1024 * 1024 })
  const { packets } = JSON.parse(stdout) as { packets: { pts_time: string; dts_time: string }[] }
  return packets.map(({ pts_time, dts_time }) => ({ dts: Number(dts_time), pts: Number(pts_time) }))
}
