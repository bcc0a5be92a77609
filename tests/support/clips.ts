import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const FOLDER = fileURLToPath(new URL('../../.artifacts/clips/', import.meta.url))

export type Clip = {
  seconds: number
  width?: number
  height?: number
  /** Pictures a second. */
  rate?: number
  /** How it is encoded: h264 with aac is playable by remuxing. */
  video?: 'h264' | 'hevc' | 'vp9' | 'none'
  audio?: 'aac' | 'opus' | 'none'
  container?: 'mp4' | 'mkv' | 'mov' | 'webm'
  /** yuv420p unless given. */
  pixelFormat?: 'yuv420p10le'
  /** Bits a second of video, for a file of a wanted size. */
  videoBitrate?: number
}

const VIDEO = {
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
  hevc: ['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-tag:v', 'hvc1'],
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuv420p'],
  none: ['-vn'],
}
const AUDIO = { aac: ['-c:a', 'aac', '-b:a', '96k'], opus: ['-c:a', 'libopus', '-b:a', '64k'], none: ['-an'] }

/**
 * Path of a clip with a moving test picture and a tone, made by ffmpeg and kept in .artifacts/clips by its
 * parameters.
 */
export async function makeClip(clip: Clip): Promise<string> {
  const name = `${createHash('sha256').update(JSON.stringify(clip)).digest('hex').slice(0, 16)}.${clip.container ?? 'mp4'}`
  const path = join(FOLDER, name)
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return path
  await mkdir(FOLDER, { recursive: true })
  const draft = join(FOLDER, `${process.pid}-${name}`)
  try {
    await promisify(execFile)(process.env.FFMPEG_PATH ?? 'ffmpeg', [...ffmpegArgs(clip), draft])
    // Renamed when whole, so that two runs at once and a killed one leave no half clip.
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  return path
}

function ffmpegArgs(clip: Clip): string[] {
  const { seconds, width = 640, height = 360, rate = 25, video = 'h264', audio = 'aac' } = clip
  const pictures = `testsrc2=size=${width}x${height}:rate=${rate}:duration=${seconds}`
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`
  const bits = clip.videoBitrate
  return [
    ['-v', 'error', '-nostdin', '-y'],
    video === 'none' ? [] : ['-f', 'lavfi', '-i', pictures],
    audio === 'none' ? [] : ['-f', 'lavfi', '-i', tone],
    VIDEO[video],
    clip.pixelFormat ? ['-pix_fmt', clip.pixelFormat] : [],
    video === 'none' ? [] : ['-g', `${rate * 2}`],
    // Filler bits hold a simple picture at the rate that is asked for.
    bits ? ['-b:v', `${bits}`, '-minrate', `${bits}`, '-maxrate', `${bits}`, '-bufsize', `${bits}`] : [],
    bits && video === 'h264' ? ['-x264-params', 'nal-hrd=cbr:force-cfr=1'] : [],
    AUDIO[audio],
  ].flat()
}
