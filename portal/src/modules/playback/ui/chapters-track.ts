import type { Chapter } from '#portal/modules/videos/rules.ts'

const two = (value: number) => String(value).padStart(2, '0')
const cueTime = (seconds: number) =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(Math.floor(seconds) % 60)}.000`

/** A blob URL of the chapters as WebVTT, each until the next one begins; null where there are none. */
export function chaptersUrl(chapters: Chapter[] | undefined, duration: number | null): string | null {
  if (!chapters || chapters.length === 0) return null
  return URL.createObjectURL(new Blob([chaptersVtt(chapters, duration)], { type: 'text/vtt' }))
}

/** WebVTT of the chapters; a title's own marks (`&`, `<`, `>`) are escaped, as its syntax asks. */
export function chaptersVtt(chapters: Chapter[], duration: number | null): string {
  const cues = chapters.map(({ at, title }, index) => {
    const end = chapters[index + 1]?.at ?? Math.max(at + 1, Math.ceil(duration ?? at + 1))
    const text = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    return `${cueTime(at)} --> ${cueTime(end)}\n${text}\n`
  })
  return `WEBVTT\n\n${cues.join('\n')}`
}

/** The chapter that plays at this moment. */
export function chapterAt(chapters: Chapter[], seconds: number): number {
  return chapters.findLastIndex(({ at }) => at <= seconds + 0.01)
}
