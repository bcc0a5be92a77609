/** A named place in a video: seconds from its start. */
export type Chapter = { at: number; title: string }

const MOST = 100
const LONGEST_TITLE = 120
const LINE = /^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})\s+(\S.*)$/

/** What a text of chapters holds, or the first line of it that is wrong, and how. */
export type ReadChapters = { chapters: Chapter[] } | { line: number; wrong: string }

/**
 * Reads lines such as `0:00 Opening` or `1:02:30 Third act`. Empty lines are skipped; times must rise and, where the
 * length of the video is known, lie inside it.
 */
export function readChapters(text: string, durationSeconds: number | null): ReadChapters {
  const chapters: Chapter[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue
    const line = index + 1
    const found = chapterIn(raw.trim())
    if (typeof found === 'string') return { line, wrong: found }
    const before = chapters.at(-1)
    if (before && found.at <= before.at) return { line, wrong: 'begins no later than the one before' }
    if (durationSeconds !== null && found.at >= durationSeconds)
      return { line, wrong: 'begins after the end of the video' }
    if (chapters.length === MOST)
      return { line, wrong: `is one too many: a video has at most ${MOST} chapters` }
    chapters.push(found)
  }
  return { chapters }
}

function chapterIn(line: string): Chapter | string {
  const [, hours, minutes, seconds, title] = LINE.exec(line) ?? []
  if (!minutes || !seconds || !title) return 'is not a time and a title, such as “1:30 Start block”'
  if (Number(seconds) > 59 || (hours && Number(minutes) > 59)) return 'has a time that no clock shows'
  if (title.length > LONGEST_TITLE) return `has a title of more than ${LONGEST_TITLE} characters`
  return { at: Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds), title }
}

/** The text that `readChapters` reads back as these chapters. */
export function chaptersText(chapters: Chapter[]): string {
  return chapters.map(({ at, title }) => `${timeText(at)} ${title}`).join('\n')
}

function timeText(at: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes, seconds] = [Math.floor(at / 3600), Math.floor(at / 60) % 60, at % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}
