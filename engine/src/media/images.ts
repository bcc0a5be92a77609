import { buffer } from 'node:stream/consumers'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { runFfmpeg } from '#engine/media/run-ffmpeg.ts'
import type { StoragePort } from '#engine/storage/port.ts'

export type ImageFormat = 'jpg' | 'png' | 'webp'
export type AnimatedFormat = 'gif' | 'webp'

export type ImageTools = { ffmpegPath: string; storage: StoragePort; signal: AbortSignal }

const IMAGE_DEADLINE_MS = 30_000
const STORYBOARD_DEADLINE_MS = 15 * 60_000
const PIPED_INPUT = [
  '-v',
  'error',
  '-nostdin',
  '-protocol_whitelist',
  'pipe',
  '-format_whitelist',
  'mov,image2pipe,mjpeg',
]
/** How each kind of still is written to a pipe. */
export const STILLS: Record<ImageFormat, string[]> = {
  jpg: ['-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2pipe'],
  png: ['-c:v', 'png', '-f', 'image2pipe'],
  webp: ['-c:v', 'libwebp', '-quality', '80', '-f', 'image2pipe'],
}
// JPEG knows only BT.601 at full range; converting keeps the colours of a BT.709 picture.
export const TO_JPEG = 'out_color_matrix=bt601:out_range=pc,format=yuvj420p'

/** The segment that plays at `time`, and how far into it; times past the end mean the last picture. */
export function segmentAt(rendition: RenditionResult, time: number): { index: number; offset: number } {
  let start = 0
  for (const [index, segment] of rendition.segments.entries()) {
    const last = index === rendition.segments.length - 1
    if (time < start + segment.duration || last) {
      const latest = Math.max(0, segment.duration - 1.5 / (rendition.frameRate ?? 25))
      return { index, offset: Math.min(Math.max(0, time - start), last ? latest : segment.duration) }
    }
    start += segment.duration
  }
  throw new Error('a rendition without segments')
}

/** How the tiles of a storyboard lie: row by row, one every `intervalSeconds`. */
export type StoryboardLayout = {
  tileWidth: number
  tileHeight: number
  columns: number
  count: number
  intervalSeconds: number
  durationSeconds: number
}

/** A stored storyboard; `key` is the JPEG's. */
export type Storyboard = StoryboardLayout & { key: string }

const COLUMNS = 5
/** Longer side of a storyboard's tile, pixels. */
export const TILE_BOX = 256
const LONG_VIDEO_SECONDS = 15 * 60

/** How many tiles, and where: 50 under 15 minutes, else 100, at most two a second. */
export function layOutStoryboard(
  durationSeconds: number,
  tile: { width: number; height: number },
): StoryboardLayout {
  const most = durationSeconds < LONG_VIDEO_SECONDS ? 50 : 100
  const count = Math.max(1, Math.min(most, Math.floor(durationSeconds * 2)))
  return {
    tileWidth: tile.width,
    tileHeight: tile.height,
    columns: Math.min(count, COLUMNS),
    count,
    intervalSeconds: durationSeconds / count,
    durationSeconds,
  }
}

/** Makes and stores the storyboard of a whole rendition. */
export async function makeStoryboard(
  tools: ImageTools,
  rendition: RenditionResult,
  key: string,
): Promise<Storyboard> {
  const duration = rendition.segments.reduce((sum, segment) => sum + segment.duration, 0)
  const [width, height] = [rendition.width!, rendition.height!]
  const scale = TILE_BOX / Math.max(width, height)
  const layout = layOutStoryboard(duration, { width: even(width * scale), height: even(height * scale) })
  const image = await drawStoryboard(tools, rendition, layout, [0, rendition.segments.length - 1])
  await tools.storage.put(key, image)
  return { key, ...layout }
}

/** The tiles of a layout over some segments, the first and last of which are given, as one JPEG. */
export async function drawStoryboard(
  tools: ImageTools,
  rendition: RenditionResult,
  layout: StoryboardLayout,
  [first, last]: [number, number],
): Promise<Buffer> {
  const { count, columns, durationSeconds, tileWidth, tileHeight } = layout
  const grid = `tile=${columns}x${Math.ceil(count / COLUMNS)}:nb_frames=${count}`
  const rate = `fps=${count}/${durationSeconds.toFixed(6)}:round=down`
  const filter = `${rate},scale=${tileWidth}:${tileHeight}:${TO_JPEG},${grid}`
  const segments = segmentsOf(tools.storage, rendition, first, last + 1)
  // Keyframes alone are dense enough for far apart tiles, and a fraction of the work.
  const before = layout.intervalSeconds >= 4 ? ['-skip_frame', 'nokey'] : []
  const image = await encode(tools, segments, ['-frames:v', '1', '-an', '-vf', filter], STILLS.jpg, {
    before,
    deadlineMs: STORYBOARD_DEADLINE_MS,
  })
  if (image.length === 0) throw new Error('the storyboard came out empty')
  return image
}

/** The same picture in another format. */
export async function convertImage(tools: ImageTools, image: Buffer, format: ImageFormat): Promise<Buffer> {
  const before = ['-f', 'image2pipe', '-c:v', 'mjpeg']
  return await encode(tools, single(image), ['-frames:v', '1'], STILLS[format], { before })
}

const even = (size: number) => Math.max(2, Math.round(size / 2) * 2)

async function* single(image: Buffer) {
  yield image
}

/** The initialisation and the segments from `from` up to, but not including, `to`. */
export async function* segmentsOf(
  storage: StoragePort,
  rendition: RenditionResult,
  from: number,
  to: number,
) {
  const keys = ['init.mp4', ...Array.from({ length: to - from }, (_, i) => `${from + i}.m4s`)]
  for (const key of keys) {
    const part = await storage.readAll(rendition.folder + key)
    if (!part) throw new Error(`missing in storage: ${rendition.folder}${key}`)
    yield part
  }
}

/** What ffmpeg makes of bytes that it is given through a pipe; empty if no picture came out. */
export async function encode(
  tools: ImageTools,
  input: AsyncIterable<Buffer>,
  args: string[],
  output: string[],
  { before = [] as string[], deadlineMs = IMAGE_DEADLINE_MS } = {},
): Promise<Buffer> {
  let image = Buffer.alloc(0)
  await runFfmpeg({
    command: tools.ffmpegPath,
    args: [...PIPED_INPUT, ...before, '-i', 'pipe:0', ...args, ...output, 'pipe:1'],
    signal: tools.signal,
    deadlineMs,
    niceness: 5,
    input,
    stdout: async (stream) => {
      image = await buffer(stream)
    },
  })
  return image
}
