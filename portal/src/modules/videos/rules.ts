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
