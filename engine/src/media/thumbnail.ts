import {
  encode,
  type ImageFormat,
  type ImageTools,
  STILLS,
  segmentAt,
  segmentsOf,
  TO_JPEG,
} from '#engine/media/images.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'
import { detailedCrop } from '#engine/media/smart-crop.ts'

export type ThumbnailOptions = {
  format: ImageFormat
  /** Seconds from the start. */
  time: number
  /** Pixels; null follows from the other, or from the rendition. */
  width: number | null
  height: number | null
  fit: 'preserve' | 'stretch' | 'crop' | 'smartcrop' | 'pad'
  rotate: 0 | 90 | 180 | 270
  flipVertical: boolean
  flipHorizontal: boolean
}

/** The longer side of what smartcrop looks at, pixels. */
const GLANCE = 96

/** One picture of a rendition, decoded from the one segment that holds it; empty if there is none. */
export async function thumbnail(
  tools: ImageTools,
  rendition: RenditionResult,
  options: ThumbnailOptions,
): Promise<Buffer> {
  const { index, offset } = segmentAt(rendition, options.time)
  const take = async (filter: string, output: string[]) => {
    const make = (seconds: number) => {
      const cut = ['-ss', seconds.toFixed(3), '-frames:v', '1', '-an', '-vf', filter]
      return encode(tools, segmentsOf(tools.storage, rendition, index, index + 1), cut, output)
    }
    const image = await make(offset)
    // Past the last picture's time, but not past its duration.
    return image.length > 0 ? image : await make(0)
  }
  const place = await cropPlace(rendition, options, (filter) =>
    take(filter, ['-f', 'rawvideo', '-pix_fmt', 'gray']),
  )
  return await take(thumbnailFilter(options, place), STILLS[options.format])
}

async function cropPlace(
  { width, height }: RenditionResult,
  options: ThumbnailOptions,
  glance: (filter: string) => Promise<Buffer>,
): Promise<{ x: number; y: number }> {
  const middle = { x: 0.5, y: 0.5 }
  if (options.fit !== 'smartcrop' || options.width === null || options.height === null) return middle
  const lying = options.rotate % 180 === 0
  const [wide, high] = lying ? [width!, height!] : [height!, width!]
  const scale = GLANCE / Math.max(wide, high)
  const small = {
    width: Math.max(2, Math.round(wide * scale)),
    height: Math.max(2, Math.round(high * scale)),
  }
  const filter = [...turned(options), `scale=${small.width}:${small.height}`, 'format=gray'].join(',')
  const pixels = await glance(filter)
  if (pixels.length !== small.width * small.height) return middle
  return detailedCrop({ pixels, ...small }, options.width / options.height)
}

function turned({ rotate, flipVertical, flipHorizontal }: ThumbnailOptions): string[] {
  const turns = { 0: [], 90: ['transpose=1'], 180: ['transpose=1', 'transpose=1'], 270: ['transpose=2'] }
  return [...turns[rotate], ...(flipVertical ? ['vflip'] : []), ...(flipHorizontal ? ['hflip'] : [])]
}

function thumbnailFilter(options: ThumbnailOptions, place: { x: number; y: number }): string {
  const { width, height, fit } = options
  const crops = fit === 'crop' || fit === 'smartcrop'
  const both = width !== null && height !== null
  const size = `${width ?? -2}:${height ?? -2}`
  const fitted = both && fit !== 'stretch'
  return [
    ...turned(options),
    ...(fitted ? [`scale=${size}:force_original_aspect_ratio=${crops ? 'increase' : 'decrease'}`] : []),
    ...(both && crops ? [`crop=${size}:(iw-ow)*${place.x.toFixed(4)}:(ih-oh)*${place.y.toFixed(4)}`] : []),
    ...(both && fit === 'pad' ? [`pad=${size}:-1:-1`] : []),
    ...(fitted || (width === null && height === null) ? [] : [`scale=${size}`]),
    options.format === 'jpg' ? `scale=${TO_JPEG}` : 'null',
  ].join(',')
}
