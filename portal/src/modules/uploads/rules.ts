import type { VideoUpload } from '#portal/adapters/video/port.ts'
import { advanceVideo, oneLine, type SeenAsset, type VideoFacts } from '#portal/modules/videos/rules.ts'

export type UploadStatus = 'waiting' | 'processing' | 'ready' | 'failed' | 'cancelled'

/** What of an upload follows from what the service says. */
export type UploadFacts = {
  status: UploadStatus
  providerUploadId: string | null
  error: string | null
  createdAt: Date
  completedAt: Date | null
}

/** What the service said about an upload: its state, that it knows none of this ID, or it was not asked. */
export type SeenUpload = VideoUpload | 'gone' | null

/** Longest time between writing the job and having a place to upload to; past it the process that did it is dead. */
const OPENING_MS = 120_000

/** Past an upload's own time and then some, an asset that was told of and is not there is lost, not late. */
const LOST_MS = 26 * 3_600_000

const ENDED: readonly UploadStatus[] = ['ready', 'failed', 'cancelled']

/**
 * Upload and video after what was seen of them. Pure, forward only, the same whatever the order of news: an ended
 * upload stays as it ended.
 */
export function planSettlement(
  before: { upload: UploadFacts; video: VideoFacts },
  seen: { upload: SeenUpload; asset: SeenAsset },
  now: Date,
): { upload: UploadFacts; video: VideoFacts } {
  const video = advanceVideo(before.video, seen.asset, now)
  const upload = advanceUpload(before.upload, video, seen.upload, now)
  return { upload, video: ENDED.includes(upload.status) ? endWithUpload(video, upload, now) : video }
}

function advanceUpload(upload: UploadFacts, video: VideoFacts, seen: SeenUpload, now: Date): UploadFacts {
  if (ENDED.includes(upload.status)) return upload
  const end = (status: UploadStatus, error: string | null = null) => ({
    ...upload,
    status,
    error,
    completedAt: now,
  })
  if (video.status === 'ready') return end('ready')
  if (video.status === 'failed') return end('failed', video.error)
  if (video.status === 'deleted') return end('cancelled')
  if (video.status === 'processing') return { ...upload, status: 'processing' }
  if (seen === 'gone') return end('failed', 'The video service no longer knows this upload. Start it again.')
  if (seen?.status === 'cancelled') return end('cancelled')
  if (seen?.status === 'timed_out')
    return end('failed', 'The file did not arrive completely in time. Start it again.')
  if (seen?.status === 'errored')
    return end('failed', seen.error ?? 'The video service could not take this file.')
  const ageMs = now.getTime() - upload.createdAt.getTime()
  if (seen?.status === 'asset_created' && ageMs > LOST_MS) {
    return end('failed', 'The video service has lost this file. Start the upload again.')
  }
  if (upload.providerUploadId === null && ageMs > OPENING_MS) {
    return end('failed', 'The upload could not be prepared. Start it again.')
  }
  return upload
}

// A video that never got its file ends with its upload.
function endWithUpload(video: VideoFacts, upload: UploadFacts, now: Date): VideoFacts {
  if (video.status !== 'waiting') return video
  if (upload.status === 'failed') return { ...video, status: 'failed', error: upload.error }
  return { ...video, status: 'deleted', deletedAt: now, assetDeletedAt: now }
}

// Types that browsers give to media they do not know, and the extensions that we know better.
const MEDIA_TYPE = /^(video|audio)\/[\w.+-]+$|^application\/(mxf|ogg|x-matroska)$/
const UNTOLD_TYPE = /^$|^(application|binary)\/octet-stream$/
const MEDIA_EXTENSION =
  /\.(mp4|m4v|mov|qt|mkv|webm|avi|mxf|ts|m2ts|mts|mpg|mpeg|m2v|wmv|asf|flv|f4v|3gp|3g2|ogv|ogg|oga|dv|gxf|vob|r3d|braw|mp3|m4a|aac|wav|flac|opus|aif|aiff|wma)$/i

/** Whether a file looks like video or audio by its type, or by its name where the browser tells no type. */
export function looksLikeMedia(contentType: string, filename: string): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  return MEDIA_TYPE.test(type) || (UNTOLD_TYPE.test(type) && MEDIA_EXTENSION.test(filename))
}

const LONGEST_NAME = 255

/**
 * The last part of a path, without control, direction and separator characters, at most 255 characters with its
 * extension kept; "video" where nothing is left.
 */
export function cleanFilename(name: string): string {
  const flat = oneLine(name.split(/[/\\]/).at(-1) ?? '').replace(/^[. ]+|[. ]+$/g, '')
  const letters = [...flat]
  if (letters.length === 0) return 'video'
  if (letters.length <= LONGEST_NAME) return flat
  const extension = [...(/\.[^.]{1,16}$/.exec(flat)?.[0] ?? '')]
  return [...letters.slice(0, LONGEST_NAME - extension.length), ...extension].join('')
}

/** The name without its extension: what a video is called until somebody says otherwise. */
export function titleOf(filename: string): string {
  return filename.replace(/\.[^.]{1,16}$/, '').trim() || filename
}

/** Seconds until the service is asked again: soon while the file is fresh, then less and less often. */
export function secondsToNextLook(ageSeconds: number, provider: 'engine' | 'mux'): number {
  const soonest = provider === 'engine' ? 2 : 15
  return Math.min(60, Math.max(soonest, ageSeconds / 20))
}
