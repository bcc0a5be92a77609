import type { Cue } from '#engine/media/captions/cue.ts'
import { plainText } from '#engine/media/captions/cue-text.ts'

/** WebVTT in one normal form: no header, comments, styles or identifiers; cues in order, hours always written. */
export function writeVtt(cues: Cue[]): string {
  const blocks = cues.map(
    ({ start, end, settings, text }) => `${stamp(start)} --> ${stamp(end)}${settings}\n${text}\n\n`,
  )
  return `WEBVTT\n\n${blocks.join('')}`
}

function stamp(ms: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60].map(
    two,
  )
  return `${clock.join(':')}.${String(ms % 1000).padStart(3, '0')}`
}

/** What is said, without times: a transcript made from WebVTT in normal form. */
export function transcriptOf(vtt: string): string {
  const blocks = vtt.split('\n\n').slice(1)
  const texts = blocks.map((block) => plainText(block.slice(block.indexOf('\n') + 1)).trim())
  return texts
    .filter((text) => text !== '')
    .map((text) => `${text}\n`)
    .join('')
}
