import { PlaybackError } from '#engine/delivery/answers.ts'

/** The part of a film that may be seen, in seconds from its start. */
export type Clip = [from: number, to: number]

/** The segments `first` to `last` of a rendition, and the seconds where they begin and end. */
export type SegmentWindow = { first: number; last: number; startSeconds: number; endSeconds: number }

// Segments of sound and picture rarely end at the very same instant.
const TOLERANCE_SECONDS = 0.05

/**
 * `asset_start_time` and `asset_end_time`, from a token's claims or a public URL's query. Null without either.
 * Throws 400 for what is malformed or empty, and for `program_*`: a stored video has no programme's clock, and a
 * limit that can't be kept must not be passed over.
 */
export function readClip(given: Record<string, string>, durationSeconds: number): Clip | null {
  if (given.program_start_time !== undefined || given.program_end_time !== undefined)
    throw new PlaybackError(400)
  const { asset_start_time: start, asset_end_time: end } = given
  if (start === undefined && end === undefined) return null
  const from = start === undefined ? 0 : readDecimal(start)
  const to = end === undefined ? durationSeconds : Math.min(readDecimal(end), durationSeconds)
  if (from >= to) throw new PlaybackError(400)
  return [from, to]
}

/** A number as parameters have it: not negative, no exponent. Throws 400 for anything else. */
export function readDecimal(text: string): number {
  if (!/^\d{1,7}(\.\d{1,6})?$/.test(text)) throw new PlaybackError(400)
  return Number(text)
}

/** The segments that hold a clip; all of them without one. `last` is before `first` where it has none yet. */
export function segmentsWithin(segments: { duration: number }[], clip: Clip | null): SegmentWindow {
  const [from, to] = clip ?? [0, Number.POSITIVE_INFINITY]
  const window = { first: segments.length, last: -1, startSeconds: 0, endSeconds: 0 }
  let start = 0
  segments.forEach(({ duration }, index) => {
    const end = start + duration
    const within = clip === null || (end > from + TOLERANCE_SECONDS && start < to - TOLERANCE_SECONDS)
    if (within && index < window.first) Object.assign(window, { first: index, startSeconds: start })
    if (within) Object.assign(window, { last: index, endSeconds: end })
    start = end
  })
  return window
}
