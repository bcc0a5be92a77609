import type { Cue, RawCue } from '#engine/media/captions/cue.ts'
import { type CaptionFormat, cueText } from '#engine/media/captions/cue-text.ts'
import { decodeText } from '#engine/media/captions/decode-text.ts'
import { parseSrt, srtText } from '#engine/media/captions/parse-srt.ts'
import { parseVtt, vttSettings } from '#engine/media/captions/parse-vtt.ts'

/** Bytes of a caption file, at most. */
export const MOST_CAPTION_BYTES = 10 * 1024 * 1024
const MOST_CUES = 200_000
/** Cues shown at one moment, at most: no screen has room for more, and each lies in every segment it covers. */
const MOST_AT_ONCE = 50

/** The file can't become captions; `message` is a sentence for whoever sent it. */
export class CaptionsError extends Error {
  override readonly name = 'CaptionsError'
}

export type CaptionOptions = {
  /** BCP 47; tells the likely encoding of a file that is not in Unicode. */
  languageCode: string | null
  /** Seconds of the video; cues beyond are dropped. Null: unknown. */
  durationSeconds: number | null
}

/** Cues of a SubRip or WebVTT file, safe and in order. Throws CaptionsError when it is neither, or has too much. */
export function readCaptions(bytes: Buffer, options: CaptionOptions): Cue[] {
  if (bytes.length > MOST_CAPTION_BYTES)
    throw new CaptionsError('The caption file is larger than can be used.')
  const text = decodeText(bytes, options.languageCode).trimStart()
  const format: CaptionFormat = /^WEBVTT(\s|$)/.test(text) ? 'vtt' : 'srt'
  const raw = format === 'vtt' ? parseVtt(text) : parseSrt(text)
  if (raw.length === 0 && format === 'srt')
    throw new CaptionsError('The file holds no captions in SubRip (SRT) or WebVTT format.')
  if (raw.length > MOST_CUES) throw new CaptionsError(`The file has more than ${MOST_CUES} cues.`)
  const end = options.durationSeconds === null ? Infinity : Math.ceil(options.durationSeconds * 1000)
  const cues = raw
    .filter((cue) => cue.end > cue.start && cue.start < end)
    .map((cue) => readCue(cue, format, end))
    .filter((cue) => cue.text !== '')
  if (raw.length > 0 && cues.length === 0)
    throw new CaptionsError('No cue of the file lies within the video.')
  return withinReason(cues.toSorted((a, b) => a.start - b.start || a.end - b.end))
}

function readCue(cue: RawCue, format: CaptionFormat, end: number): Cue {
  const said =
    format === 'srt'
      ? srtText(cue.lines)
      : { text: cueText(cue.lines.join('\n'), 'vtt'), settings: vttSettings(cue.settings) }
  return { start: cue.start, end: Math.min(cue.end, end), ...said }
}

/** Without exact repetitions, and without more at one moment than anybody can see. */
function withinReason(cues: Cue[]): Cue[] {
  let showing: Cue[] = []
  return cues.filter((cue) => {
    showing = showing.filter((other) => other.end > cue.start)
    const twice = showing.some(
      (other) => other.start === cue.start && other.end === cue.end && other.text === cue.text,
    )
    if (twice || showing.length >= MOST_AT_ONCE) return false
    showing.push(cue)
    return true
  })
}
