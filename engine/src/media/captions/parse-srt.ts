import { type RawCue, readTiming } from '#engine/media/captions/cue.ts'
import { cueText } from '#engine/media/captions/cue-text.ts'

/** Positions of the numeric keypad, as ASS has them and SubRip files borrowed them: {\an8} is top centre. */
const OVERRIDE = /\{\\([^{}]{0,200})\}/g
const ROWS = ['', ' line:50%', ' line:0']
const COLUMNS = [' align:left', '', ' align:right']

/**
 * SubRip: cues are found by their timing lines alone, so that missing or wrong numbers, and blank lines within a
 * text, do no harm. Pixel positions after the timing are dropped: they mean nothing without the film's size.
 */
export function parseSrt(text: string): RawCue[] {
  const cues: RawCue[] = []
  for (const line of text.split('\n')) {
    const timing = readTiming(line)
    if (timing) {
      dropNumber(cues.at(-1))
      cues.push({ start: timing.start, end: timing.end, settings: '', lines: [] })
    } else cues.at(-1)?.lines.push(line)
  }
  return cues
}

/** The next cue's number stands before its timing, and so at the end of this one's lines. */
function dropNumber(cue: RawCue | undefined): void {
  const last = cue?.lines.at(-1)
  if (!cue || last === undefined || !/^\s*\d{1,9}\s*$/.test(last)) return
  // A text of one number alone is a text; only what follows a blank line, or another line, can be a number.
  if (cue.lines.length > 1) cue.lines.pop()
}

/** Text and settings of a SubRip cue in WebVTT. */
export function srtText(lines: string[]): { text: string; settings: string } {
  const given = lines.join('\n')
  const overrides = [...given.matchAll(OVERRIDE)].map((match) => match[1]!).join('\\')
  const place = /(?:^|\\)an([1-9])/.exec(overrides)?.[1]
  const plain = given.replace(OVERRIDE, '').replaceAll('\\N', '\n').replaceAll('\\h', '\u00a0')
  const index = Number(place ?? 2) - 1
  return {
    text: cueText(plain, 'srt'),
    settings: `${ROWS[Math.floor(index / 3)]}${COLUMNS[index % 3]}`,
  }
}
