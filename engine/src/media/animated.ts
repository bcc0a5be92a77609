import { type AnimatedFormat, encode, type ImageTools, segmentAt, segmentsOf } from '#engine/media/images.ts'
import type { RenditionResult } from '#engine/media/ingest-context.ts'

export type AnimatedOptions = {
  format: AnimatedFormat
  /** Seconds from the start of the film. */
  start: number
  end: number
  /** Pixels; null follows from the other. */
  width: number | null
  height: number | null
  /** Pictures a second. */
  fps: number
}

const ENCODERS: Record<AnimatedFormat, string[]> = {
  gif: ['-c:v', 'gif', '-loop', '0', '-f', 'gif'],
  webp: ['-c:v', 'libwebp_anim', '-quality', '60', '-compression_level', '3', '-loop', '0', '-f', 'webp'],
}
// One palette for all pictures, made of what moves.
const PALETTE = 'split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=5'

/** A few seconds of a rendition as a picture that moves, for ever; empty if it has none there. */
export async function animate(
  tools: ImageTools,
  rendition: RenditionResult,
  options: AnimatedOptions,
): Promise<Buffer> {
  const first = segmentAt(rendition, options.start)
  const last = segmentAt(rendition, options.end)
  const size = `scale=${options.width ?? -2}:${options.height ?? -2}:flags=bicubic`
  const rate = `fps=${options.fps}`
  const filter = [rate, size, ...(options.format === 'gif' ? [PALETTE] : ['format=yuv420p'])].join(',')
  const cut = ['-ss', first.offset.toFixed(3), '-t', (options.end - options.start).toFixed(3)]
  const segments = segmentsOf(tools.storage, rendition, first.index, last.index + 1)
  return await encode(tools, segments, [...cut, '-an', '-vf', filter], ENCODERS[options.format])
}
