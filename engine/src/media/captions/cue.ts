/** One cue. `text` and `settings` are WebVTT's own, already safe to write; times in whole milliseconds. */
export type Cue = { start: number; end: number; settings: string; text: string }

/** What a file says before it is made safe. */
export type RawCue = { start: number; end: number; settings: string; lines: string[] }

const TIME = String.raw`(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?`
const TIMING = new RegExp(String.raw`^\s{0,20}${TIME}\s{0,20}-{2,3}>\s{0,20}${TIME}(?:\s(.{0,300}))?`)

/** Reads `1:02:03,400 --> 02:05.6 …` as SubRip and WebVTT files have it, hours or fractions missing too. */
export function readTiming(line: string): { start: number; end: number; rest: string } | null {
  const match = line.includes('->') ? TIMING.exec(line) : null
  if (!match) return null
  return {
    start: milliseconds(match.slice(1, 5)),
    end: milliseconds(match.slice(5, 9)),
    rest: match[9] ?? '',
  }
}

function milliseconds([hours, minutes, seconds, fraction = '']: (string | undefined)[]): number {
  const whole = Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)
  return whole * 1000 + Number(fraction.padEnd(3, '0'))
}
