import { PlaybackError } from '#engine/delivery/answers.ts'
import { type Clip, readDecimal } from '#engine/delivery/clip.ts'
import type { AnimatedOptions } from '#engine/media/animated.ts'
import type { AnimatedFormat, ImageFormat } from '#engine/media/images.ts'
import type { ThumbnailOptions } from '#engine/media/thumbnail.ts'

type Parameters = Record<string, string>

const LARGEST_SIDE = 4096
const LARGEST_ANIMATED_SIDE = 640
const FITS = ['preserve', 'stretch', 'crop', 'smartcrop', 'pad'] as const
const malformed = () => new PlaybackError(400)

/**
 * The parameters of a thumbnail. Without `time` it shows the asset's own choice, else the middle; `latest` is the
 * last picture there is. What lies outside the clip is refused.
 */
export function readThumbnailParameters(
  given: Parameters,
  format: ImageFormat,
  film: { durationSeconds: number; clip: Clip | null; thumbnailTime: number | null },
): ThumbnailOptions {
  const fit = FITS.find((each) => each === (given.fit_mode ?? 'preserve'))
  if (!fit) throw malformed()
  const rotate = given.rotate === undefined ? 0 : Number(given.rotate)
  if (![0, 90, 180, 270].includes(rotate)) throw malformed()
  return {
    format,
    time: hundredths(thumbnailTime(given, film)),
    width: side(given.width),
    height: side(given.height),
    fit,
    rotate: rotate as ThumbnailOptions['rotate'],
    flipVertical: given.flip_v === 'true',
    flipHorizontal: given.flip_h === 'true',
  }
}

function thumbnailTime(
  given: Parameters,
  film: { durationSeconds: number; clip: Clip | null; thumbnailTime: number | null },
): number {
  const [from, to] = film.clip ?? [0, film.durationSeconds]
  if (given.latest === 'true') return Math.min(to, film.durationSeconds)
  const within = (time: number) => time >= from && time <= to
  if (given.time !== undefined) {
    const time = readDecimal(given.time)
    if (film.clip && !within(time)) throw malformed()
    return Math.min(time, film.durationSeconds)
  }
  const chosen = film.thumbnailTime !== null && within(film.thumbnailTime) ? film.thumbnailTime : null
  return Math.min(chosen ?? (from + to) / 2, film.durationSeconds)
}

/**
 * The parameters of an animated picture: `start` (0), `end` (five seconds later, at most ten, at least a quarter),
 * `width` (320) and `height` of at most 640 pixels, `fps` (15) of at most 30. Ends with the film or its clip.
 */
export function readAnimatedParameters(
  given: Parameters,
  format: AnimatedFormat,
  durationSeconds: number,
  clip: Clip | null,
): AnimatedOptions {
  const [from, to] = clip ?? [0, durationSeconds]
  const start = given.start === undefined ? from : readDecimal(given.start)
  const end = given.end === undefined ? Math.min(start + 5, to) : readDecimal(given.end)
  if (clip && (start < from || end > to)) throw malformed()
  if (end - start > 10 || end - start < 0.25 || start >= durationSeconds) throw malformed()
  const fps = given.fps === undefined ? 15 : readDecimal(given.fps)
  if (fps < 1 || fps > 30) throw malformed()
  const height = side(given.height, LARGEST_ANIMATED_SIDE)
  const width = side(given.width, LARGEST_ANIMATED_SIDE)
  return {
    format,
    start: hundredths(start),
    end: hundredths(Math.min(end, durationSeconds)),
    width: width ?? (height === null ? 320 : null),
    height,
    fps,
  }
}

const hundredths = (time: number) => Math.round(time * 100) / 100

function side(value: string | undefined, largest = LARGEST_SIDE): number | null {
  if (value === undefined) return null
  const pixels = readDecimal(value)
  if (!Number.isInteger(pixels) || pixels < 16 || pixels > largest) throw malformed()
  return pixels - (pixels % 2)
}
