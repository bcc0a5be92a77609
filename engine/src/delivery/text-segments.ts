import type { Clip } from '#engine/delivery/clip.ts'
import { type Cue, readTiming } from '#engine/media/captions/cue.ts'
import { writeVtt } from '#engine/media/captions/write-vtt.ts'

/** Nominal length of a piece; players load those around the playhead. */
const PIECE_SECONDS = 60
// The media's timeline begins at 10 s of a clock of 90 kHz (RFC 8216bis, 3.1.4), whatever part of it is played.
const TIMESTAMP_MAP = 'X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000'

/** Lengths of the pieces of a text track over a part of the film. */
export function pieceDurations([from, to]: Clip): number[] {
  const count = Math.max(1, Math.ceil((to - from) / PIECE_SECONDS - 0.001))
  return Array.from({ length: count }, (_, index) =>
    Math.min(PIECE_SECONDS, to - from - index * PIECE_SECONDS),
  )
}

/** One piece: every cue that shows in it, also those that begin before or end after. Null past the last one. */
export function textPiece(vtt: string, clip: Clip, index: number): string | null {
  const duration = pieceDurations(clip)[index]
  if (duration === undefined) return null
  const from = clip[0] + index * PIECE_SECONDS
  const cues = cuesWithin(vtt, [from, from + duration])
  return writeVtt(cues).replace('WEBVTT\n', `WEBVTT\n${TIMESTAMP_MAP}\n`)
}

/** The cues of a part of the film, on a clock that begins with it. */
export function clippedText(vtt: string, clip: Clip): string {
  const [from, to] = clip.map((seconds) => Math.round(seconds * 1000)) as [number, number]
  return writeVtt(
    cuesWithin(vtt, clip).map((cue) => ({
      ...cue,
      start: Math.max(0, cue.start - from),
      end: Math.min(to, cue.end) - from,
    })),
  )
}

/** Reads WebVTT in normal form: blocks apart by one blank line, each of them a cue. */
function cuesWithin(vtt: string, [from, to]: Clip): Cue[] {
  return vtt
    .split('\n\n')
    .slice(1)
    .flatMap((block) => {
      const end = block.indexOf('\n')
      const timing = end < 0 ? null : readTiming(block.slice(0, end))
      if (!timing || timing.start >= to * 1000 || timing.end <= from * 1000) return []
      const settings = timing.rest === '' ? '' : ` ${timing.rest}`
      return [{ start: timing.start, end: timing.end, settings, text: block.slice(end + 1).trimEnd() }]
    })
}
