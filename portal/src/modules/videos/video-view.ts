import type { Chapter } from './rules.ts'
import type { VideoRow } from './tables.ts'

/** A video as its team sees it. */
export type VideoView = {
  id: string
  title: string
  /** `ready` from the moment it plays; `complete` tells whether all its renditions are made. */
  status: VideoRow['status']
  complete: boolean
  /** Percent of the renditions made; null where the service does not tell. */
  progress: number | null
  /** Seconds. */
  duration: number | null
  /** "16:9" */
  aspectRatio: string | null
  /** "1080p" */
  resolutionTier: string | null
  error: string | null
  /** In order of time. */
  chapters: Chapter[]
  ownerId: string
  createdAt: string
  readyAt: string | null
}

export function viewVideo(row: VideoRow): VideoView {
  return {
    id: row.id,
    title: row.title,
    status: row.status,
    complete: row.complete,
    progress: row.progressPercent,
    duration: row.durationSeconds,
    aspectRatio: row.aspectRatio,
    resolutionTier: row.resolutionTier,
    error: row.error,
    chapters: row.chapters,
    ownerId: row.ownerId,
    createdAt: row.createdAt.toISOString(),
    readyAt: row.readyAt?.toISOString() ?? null,
  }
}
