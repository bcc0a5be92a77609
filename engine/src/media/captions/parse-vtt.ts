import { type RawCue, readTiming } from '#engine/media/captions/cue.ts'

const NO_CUE = /^(NOTE|STYLE|REGION)(\s|$)/

/**
 * WebVTT (W3C): cues only. Comments, style sheets, regions and identifiers are left behind on purpose: players ignore
 * them in HLS, and style sheets from outside could reach beyond the captions.
 */
export function parseVtt(text: string): RawCue[] {
  const lines = text.split('\n')
  const cues: RawCue[] = []
  // The header goes to the first blank line, or to a first cue that follows it at once.
  let at = lines.findIndex((line, index) => index > 0 && (line.trim() === '' || readTiming(line)))
  while (at >= 0 && at < lines.length) {
    const line = lines[at]!
    const timing = readTiming(line)
    if (timing) {
      const end = blockEnd(lines, at + 1)
      cues.push({
        start: timing.start,
        end: timing.end,
        settings: timing.rest,
        lines: lines.slice(at + 1, end),
      })
      at = end
    } else at = NO_CUE.test(line) ? blockEnd(lines, at + 1) : at + 1
  }
  return cues
}

/** Line after a block's last: a blank one, or another cue's timing. */
function blockEnd(lines: string[], from: number): number {
  let end = from
  while (end < lines.length && lines[end]!.trim() !== '' && !readTiming(lines[end]!)) end += 1
  return end
}

const PERCENT = String.raw`(?:100|\d{1,2})(?:\.\d{1,4})?%`
const SETTINGS = [
  /^vertical:(rl|lr)$/,
  new RegExp(String.raw`^line:(-?\d{1,3}|${PERCENT})(,(start|center|end))?$`),
  new RegExp(`^position:${PERCENT}(,(line-left|center|line-right))?$`),
  new RegExp(`^size:${PERCENT}$`),
  /^align:(start|center|end|left|right)$/,
]

/** The settings that are right, each once, with a space before each. `align:middle` is an older spelling. */
export function vttSettings(given: string): string {
  const found = new Map<string, string>()
  for (const setting of given.split(/\s+/).slice(0, 20)) {
    const known = setting === 'align:middle' ? 'align:center' : setting
    if (SETTINGS.some((pattern) => pattern.test(known))) found.set(known.split(':')[0]!, known)
  }
  return [...found.values()].map((setting) => ` ${setting}`).join('')
}
