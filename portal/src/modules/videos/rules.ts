import type { VideoAsset } from '#portal/adapters/video/port.ts'

export type VideoStatus = 'waiting' | 'processing' | 'ready' | 'failed' | 'deleted'

/** What of a video follows from the service's asset. */
export type VideoFacts = {
  status: VideoStatus
  assetId: string | null
  playbackId: string | null
  durationSeconds: number | null
  aspectRatio: string | null
  resolutionTier: string | null
  complete: boolean
  progressPercent: number | null
  error: string | null
  readyAt: Date | null
  deletedAt: Date | null
  assetDeletedAt: Date | null
}

/** What the service said: an asset, that a known asset is gone, or nothing about an asset yet. */
export type SeenAsset = VideoAsset | 'gone' | null

const RANK = { waiting: 0, processing: 1, ready: 2, failed: 3, deleted: 4 } as const
const STATUS_OF = { preparing: 'processing', ready: 'ready', errored: 'failed' } as const

/**
 * The video after what was seen of its asset. Moves forward only, so that old news that comes late changes nothing:
 * waiting → processing → ready → failed → deleted.
 */
export function advanceVideo(video: VideoFacts, seen: SeenAsset, now: Date): VideoFacts {
  if (video.status === 'deleted' || seen === null) return video
  if (seen === 'gone')
    return { ...video, status: 'deleted', deletedAt: now, assetDeletedAt: now, error: null }
  if (video.assetId !== null && video.assetId !== seen.id) return video
  const playbackId = video.playbackId ?? seen.playbackId
  const status = laterOf(
    video.status,
    seen.status === 'ready' && !playbackId ? 'processing' : STATUS_OF[seen.status],
  )
  const complete = video.complete || seen.complete
  return {
    ...video,
    status,
    assetId: seen.id,
    playbackId,
    durationSeconds: seen.durationSeconds ?? video.durationSeconds,
    aspectRatio: seen.aspectRatio ?? video.aspectRatio,
    resolutionTier: seen.resolutionTier ?? video.resolutionTier,
    complete,
    progressPercent:
      status === 'ready' && complete ? 100 : highestOf(video.progressPercent, seen.progressPercent),
    error:
      status === 'failed'
        ? (video.error ?? seen.error ?? 'The video service could not read this file.')
        : null,
    readyAt: status === 'ready' ? (video.readyAt ?? now) : video.readyAt,
  }
}

function laterOf(one: VideoStatus, other: VideoStatus): VideoStatus {
  return RANK[other] > RANK[one] ? other : one
}

function highestOf(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.max(one, other)
}

/** Whether the service still has something to say about this video. */
export function isUnsettled(video: Pick<VideoFacts, 'status' | 'complete'>): boolean {
  return video.status === 'processing' || (video.status === 'ready' && !video.complete)
}

// Control and line characters, and those that hide or turn the text around them; joiners of scripts and emoji stay.
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\s\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]+/gu

/** Text on one line as a reader sees it, well-formed and in composed form. */
export function oneLine(text: string): string {
  return text.toWellFormed().normalize('NFC').replace(UNSEEN, ' ').trim()
}

/** A title on one line; at most 255 characters. */
export function cleanTitle(text: string): string {
  return [...oneLine(text)].slice(0, 255).join('').trim()
}

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
