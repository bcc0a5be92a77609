import { PlaybackError } from '#engine/delivery/answers.ts'
import type { ImageFormat, ThumbnailOptions } from '#engine/media/images.ts'

type Parameters = Record<string, string>

const RESOLUTIONS = /^(270|360|480|540|720|1080|1440|2160)p$/
const LARGEST_SIDE = 4096

const malformed = () => new PlaybackError(400)

/** `max_resolution`, `min_resolution` and `rendition_order` of a master playlist. */
export function readMasterParameters(given: Parameters) {
  const lines = (value: string | undefined) => {
    if (value === undefined) return null
    const match = RESOLUTIONS.exec(value)
    if (!match) throw malformed()
    return Number(match[1])
  }
  const maxResolution = lines(given.max_resolution)
  const minResolution = lines(given.min_resolution)
  if (maxResolution !== null && minResolution !== null && minResolution > maxResolution) throw malformed()
  if (given.rendition_order !== undefined && given.rendition_order !== 'desc') throw malformed()
  return { maxResolution, minResolution, descending: given.rendition_order === 'desc' }
}

/** The parameters of a thumbnail; without `time` it shows the middle. */
export function readThumbnailParameters(
  given: Parameters,
  format: ImageFormat,
  durationSeconds: number,
): ThumbnailOptions {
  const fit = given.fit_mode ?? 'preserve'
  const fits = {
    preserve: 'preserve',
    stretch: 'stretch',
    crop: 'crop',
    smartcrop: 'crop',
    pad: 'pad',
  } as const
  if (!Object.hasOwn(fits, fit)) throw malformed()
  const rotate = given.rotate === undefined ? 0 : Number(given.rotate)
  if (![0, 90, 180, 270].includes(rotate)) throw malformed()
  const time = given.time === undefined ? durationSeconds / 2 : decimal(given.time)
  return {
    format,
    time: Math.round(Math.min(time, durationSeconds) * 100) / 100,
    width: side(given.width),
    height: side(given.height),
    fit: fits[fit as keyof typeof fits],
    rotate: rotate as ThumbnailOptions['rotate'],
    flipVertical: given.flip_v === 'true',
    flipHorizontal: given.flip_h === 'true',
  }
}

function decimal(value: string): number {
  if (!/^\d{1,7}(\.\d{1,6})?$/.test(value)) throw malformed()
  return Number(value)
}

function side(value: string | undefined): number | null {
  if (value === undefined) return null
  const pixels = decimal(value)
  if (!Number.isInteger(pixels) || pixels < 16 || pixels > LARGEST_SIDE) throw malformed()
  return pixels - (pixels % 2)
}
