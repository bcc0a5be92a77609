import { buffer } from 'node:stream/consumers'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { runFfmpeg } from '#engine/media/run-ffmpeg.ts'
import type { StoragePort } from '#engine/storage/port.ts'

export type ImageFormat = 'jpg' | 'png' | 'webp'

export type ImageTools = { ffmpegPath: string; storage: StoragePort; signal: AbortSignal }

export type ThumbnailOptions = {
  format: ImageFormat
  /** Seconds from the start. */
  time: number
  /** Pixels; null follows from the other, or from the rendition. */
  width: number | null
  height: number | null
  fit: 'preserve' | 'stretch' | 'crop' | 'pad'
  rotate: 0 | 90 | 180 | 270
  flipVertical: boolean
  flipHorizontal: boolean
}

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
const ENCODERS: Record<ImageFormat, string[]> = {
  jpg: ['-c:v', 'mjpeg', '-q:v', '3'],
  png: ['-c:v', 'png'],
  webp: ['-c:v', 'libwebp', '-quality', '80'],
}
// JPEG knows only BT.601 at full range; converting keeps the colours of a BT.709 picture.
const TO_JPEG = 'out_color_matrix=bt601:out_range=pc,format=yuvj420p'

/** One picture of a rendition, decoded from the one segment that holds it. */
export async function thumbnail(
  tools: ImageTools,
  rendition: RenditionResult,
  options: ThumbnailOptions,
): Promise<Buffer> {
  const { index, offset } = segmentAt(rendition, options.time)
  const make = (seconds: number) => {
    const cut = ['-ss', seconds.toFixed(3), '-frames:v', '1', '-an', '-vf', thumbnailFilter(options)]
    return encode(tools, segmentsOf(tools.storage, rendition, index, index + 1), cut, options.format)
  }
  const image = await make(offset)
  // Past the last picture's time, but not past its duration.
  return image.length > 0 ? image : await make(0)
}

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

function thumbnailFilter(options: ThumbnailOptions): string {
  const { width, height, fit } = options
  const turns = { 0: [], 90: ['transpose=1'], 180: ['transpose=1', 'transpose=1'], 270: ['transpose=2'] }
  const grow = fit === 'crop' ? 'increase' : 'decrease'
  const both = width !== null && height !== null
  const size = `${width ?? -2}:${height ?? -2}`
  return [
    ...turns[options.rotate],
    ...(options.flipVertical ? ['vflip'] : []),
    ...(options.flipHorizontal ? ['hflip'] : []),
    ...(both && fit !== 'stretch' ? [`scale=${size}:force_original_aspect_ratio=${grow}`] : []),
    ...(both && fit === 'crop' ? [`crop=${size}`] : []),
    ...(both && fit === 'pad' ? [`pad=${size}:-1:-1`] : []),
    ...(both && fit !== 'stretch' ? [] : width === null && height === null ? [] : [`scale=${size}`]),
    options.format === 'jpg' ? `scale=${TO_JPEG}` : 'null',
  ].join(',')
}

/** How the tiles of a storyboard lie: row by row, one every `intervalSeconds`. */
export type Storyboard = {
  /** Storage key of the JPEG. */
  key: string
  tileWidth: number
  tileHeight: number
  columns: number
  count: number
  intervalSeconds: number
  durationSeconds: number
}

const COLUMNS = 5
const TILE_BOX = 256
const LONG_VIDEO_SECONDS = 15 * 60

/** Makes and stores the storyboard: 50 tiles under 15 minutes, else 100, at most two a second. */
export async function makeStoryboard(
  tools: ImageTools,
  rendition: RenditionResult,
  key: string,
): Promise<Storyboard> {
  const duration = rendition.segments.reduce((sum, segment) => sum + segment.duration, 0)
  const most = duration < LONG_VIDEO_SECONDS ? 50 : 100
  const count = Math.max(1, Math.min(most, Math.floor(duration * 2)))
  const interval = duration / count
  const scale = TILE_BOX / Math.max(rendition.width!, rendition.height!)
  const [tileWidth, tileHeight] = [rendition.width!, rendition.height!].map((side) => even(side * scale)) as [
    number,
    number,
  ]
  const grid = `tile=${Math.min(count, COLUMNS)}x${Math.ceil(count / COLUMNS)}:nb_frames=${count}`
  const filter = `fps=${count}/${duration.toFixed(6)}:round=down,scale=${tileWidth}:${tileHeight}:${TO_JPEG},${grid}`
  const segments = segmentsOf(tools.storage, rendition, 0, rendition.segments.length)
  // Keyframes alone are dense enough for far apart tiles, and a fraction of the work.
  const before = interval >= 4 ? ['-skip_frame', 'nokey'] : []
  const image = await encode(tools, segments, ['-frames:v', '1', '-an', '-vf', filter], 'jpg', before)
  if (image.length === 0) throw new Error('the storyboard came out empty')
  await tools.storage.put(key, image)
  return {
    key,
    tileWidth,
    tileHeight,
    columns: Math.min(count, COLUMNS),
    count,
    intervalSeconds: interval,
    durationSeconds: duration,
  }
}

/** The same picture in another format. */
export async function convertImage(tools: ImageTools, image: Buffer, format: ImageFormat): Promise<Buffer> {
  return await encode(tools, single(image), ['-frames:v', '1'], format, ['-f', 'image2pipe', '-c:v', 'mjpeg'])
}

const even = (size: number) => Math.max(2, Math.round(size / 2) * 2)

async function* single(image: Buffer) {
  yield image
}

async function* segmentsOf(storage: StoragePort, rendition: RenditionResult, from: number, to: number) {
  const keys = ['init.mp4', ...Array.from({ length: to - from }, (_, i) => `${from + i}.m4s`)]
  for (const key of keys) {
    const part = await storage.readAll(rendition.folder + key)
    if (!part) throw new Error(`missing in storage: ${rendition.folder}${key}`)
    yield part
  }
}

async function encode(
  tools: ImageTools,
  input: AsyncIterable<Buffer>,
  args: string[],
  format: ImageFormat,
  before: string[] = [],
): Promise<Buffer> {
  let image = Buffer.alloc(0)
  await runFfmpeg({
    command: tools.ffmpegPath,
    args: [
      ...PIPED_INPUT,
      ...before,
      '-i',
      'pipe:0',
      ...args,
      ...ENCODERS[format],
      '-f',
      'image2pipe',
      'pipe:1',
    ],
    signal: tools.signal,
    deadlineMs: args.some((arg) => arg.includes('tile=')) ? STORYBOARD_DEADLINE_MS : IMAGE_DEADLINE_MS,
    niceness: 5,
    input,
    stdout: async (stream) => {
      image = await buffer(stream)
    },
  })
  return image
}
