import type { ChipTone } from '#portal/ui/chip.tsx'
import type { Chapter } from '../rules.ts'

/** A video as pages show it; the shape of `video.get` and `video.list`. */
export type VideoItem = {
  id: string
  title: string
  status: 'waiting' | 'processing' | 'ready' | 'failed' | 'deleted'
  complete: boolean
  progress: number | null
  duration: number | null
  aspectRatio: string | null
  resolutionTier: string | null
  error: string | null
  chapters: Chapter[]
  createdAt: string
}

/** Chips for how far a video is: Uploading, Processing 41 %, Playable now, Ready, Not playable. */
export function progressChips(
  video: Pick<VideoItem, 'status' | 'complete' | 'progress'>,
): { tone: ChipTone; words: string }[] {
  const percent = video.progress === null ? '' : ` ${Math.round(video.progress)} %`
  if (video.status === 'waiting') return [{ tone: 'neutral', words: 'Uploading' }]
  if (video.status === 'processing') return [{ tone: 'neutral', words: `Processing${percent}` }]
  if (video.status === 'failed') return [{ tone: 'stop', words: 'Not playable' }]
  if (video.complete) return [{ tone: 'proof', words: 'Ready' }]
  return [
    { tone: 'proof', words: 'Playable now' },
    { tone: 'neutral', words: `Processing${percent}` },
  ]
}

/** Whether a video changes by itself from one moment to the next; one that waits for its file does not. */
export function isMoving(video: Pick<VideoItem, 'status' | 'complete'>): boolean {
  return video.status === 'processing' || (video.status === 'ready' && !video.complete)
}
