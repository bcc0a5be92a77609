import { oneLine } from '#portal/modules/videos/rules.ts'

/**
 * Where an upload stands. It only goes forward: created → uploading → processing → one of the four ends; it may leave
 * a state out, and never comes back to one. The database refuses the rest (0062_uploads.sql).
 */
export const UPLOAD_STATUSES = [
  'created',
  'uploading',
  'processing',
  'ready',
  'failed',
  'cancelled',
  'timed_out',
] as const
export type UploadStatus = (typeof UPLOAD_STATUSES)[number]

/** On which more is to come. */
export const OPEN_UPLOADS = ['created', 'uploading', 'processing'] as const satisfies readonly UploadStatus[]
/** To which bytes may still be sent. */
export const SENDABLE_UPLOADS = ['created', 'uploading'] as const satisfies readonly UploadStatus[]

export function isEnded(status: UploadStatus): boolean {
  return !(OPEN_UPLOADS as readonly string[]).includes(status)
}

/** Why an upload failed: all there is. `timed_out` is a state of its own and told beside these. */
export const UPLOAD_FAILURES = [
  'empty',
  'unreadable',
  'cut_short',
  'no_picture',
  'too_long',
  'too_large',
  'checksum',
  'provider_refused',
  'provider_failed',
  'lost',
  'not_prepared',
] as const
export type UploadFailure = (typeof UPLOAD_FAILURES)[number]

/** Who moved an upload: a person, an event of the video service, our own look at it, or time alone. */
export const UPLOAD_MOVERS = ['person', 'provider', 'reconciler', 'clock', 'portal', 'database'] as const
export type UploadMover = (typeof UPLOAD_MOVERS)[number]

/**
 * Whether what arrived is what was sent: not known yet, the same, another, no sum was sent, or the service computes
 * none.
 */
export const CHECKSUM_VERDICTS = ['pending', 'matched', 'differs', 'not_sent', 'not_offered'] as const
export type ChecksumVerdict = (typeof CHECKSUM_VERDICTS)[number]

/** For so long a browser remembers files that were chosen, had to wait and have not begun. */
export const WAITING_FILE_DAYS = 7

/** How much of a file's beginning recognises it on another device, bytes. */
export const HEAD_BYTES = 1024 * 1024

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
