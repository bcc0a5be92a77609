import type { VideoUpload } from '#portal/adapters/video/port.ts'
import { advanceVideo, type SeenAsset, type VideoFacts } from '#portal/modules/videos/rules.ts'
import { failureOf } from './failure-reasons.ts'
import { type ChecksumVerdict, isEnded, type UploadFailure, type UploadStatus } from './rules.ts'

/** What of an upload follows from what the service says. Sums are SHA-256, hexadecimal. */
export type UploadFacts = {
  status: UploadStatus
  providerUploadId: string | null
  failureReason: UploadFailure | null
  error: string | null
  receivedBytes: number
  sentSha256: string | null
  receivedSha256: string | null
  checksum: ChecksumVerdict
  createdAt: Date
  completedAt: Date | null
}

/** What the service said about an upload: its state, that it knows none of this ID, or it was not asked. */
export type SeenUpload = VideoUpload | 'gone' | null

export type Facts = { upload: UploadFacts; video: VideoFacts }

/** Longest time between writing the job and having a place to upload to; past it the process that did it is dead. */
const OPENING_MS = 120_000

/** Past an upload's own time and then some, what was told of and is not there is lost, not late. */
const LOST_MS = 26 * 3_600_000

const DIFFERS =
  'What arrived is not the file that was sent: the checksums differ. Nothing of it can be shared. Upload it again.'
const NO_SUM = 'The video service never told the checksum of what it received. Upload the file again.'

/**
 * Upload and video after what was seen of them. Pure, forward only, the same whatever the order of news: an ended
 * upload stays as it ended. A video is ready only once what arrived is known to be what was sent, wherever that can
 * be known.
 */
export function planSettlement(
  before: Facts,
  seen: { upload: SeenUpload; asset: SeenAsset },
  now: Date,
): Facts {
  if (isEnded(before.upload.status)) {
    const video = advanceVideo(before.video, seen.asset, now)
    return { upload: before.upload, video: endWithUpload(video, before.upload, now) }
  }
  const upload = withSums(before.upload, seen)
  const video = holdBack(before.video, advanceVideo(before.video, seen.asset, now), upload, now)
  const after = advanceUpload(upload, video, seen, now)
  return { upload: after, video: isEnded(after.status) ? endWithUpload(video, after, now) : video }
}

function withSums(upload: UploadFacts, seen: { upload: SeenUpload; asset: SeenAsset }): UploadFacts {
  if (seen.upload === null) return upload
  if (seen.upload === 'gone') {
    // An asset whose upload the service has forgotten: nobody can tell any more what arrived.
    const untold = upload.checksum === 'pending' && seen.asset !== null && seen.asset !== 'gone'
    return untold ? { ...upload, checksum: 'not_offered' } : upload
  }
  const receivedSha256 = upload.receivedSha256 ?? seen.upload.checksum?.sha256 ?? null
  const receivedBytes = Math.max(upload.receivedBytes, seen.upload.receivedBytes ?? 0)
  const checksum = verdictOf(upload, receivedSha256, seen.upload)
  return { ...upload, receivedBytes, receivedSha256, checksum }
}

function verdictOf(
  { checksum, sentSha256 }: UploadFacts,
  received: string | null,
  seen: VideoUpload,
): ChecksumVerdict {
  if (checksum !== 'pending' || seen.status === 'waiting') return checksum
  if (seen.checksum === null) return 'not_offered'
  if (received === null) return 'pending'
  if (sentSha256 === null) return 'not_sent'
  return received === sentSha256 ? 'matched' : 'differs'
}

function holdBack(before: VideoFacts, after: VideoFacts, upload: UploadFacts, now: Date): VideoFacts {
  if (after.status === 'deleted') return after
  if (upload.checksum === 'differs') return { ...after, status: 'failed', error: DIFFERS, readyAt: null }
  if (after.status !== 'ready' || upload.checksum !== 'pending') return after
  if (ageMs(upload, now) > LOST_MS) return { ...after, status: 'failed', error: NO_SUM, readyAt: null }
  return { ...after, status: 'processing', readyAt: before.readyAt }
}

function advanceUpload(
  upload: UploadFacts,
  video: VideoFacts,
  seen: { upload: SeenUpload; asset: SeenAsset },
  now: Date,
): UploadFacts {
  const end = (status: UploadStatus, error: string | null = null): UploadFacts => ({
    ...upload,
    status,
    error,
    completedAt: now,
  })
  const fail = (failureReason: UploadFailure, error: string): UploadFacts => ({
    ...end('failed', error),
    failureReason,
  })
  if (video.status === 'ready') return end('ready')
  if (video.status === 'failed') return fail(whyFailed(upload, video, seen.asset), video.error ?? '')
  if (video.status === 'deleted') return end('cancelled')
  if (video.status === 'processing') return { ...upload, status: 'processing' }
  const told = seen.upload
  if (told === 'gone') return fail('lost', 'The video service no longer knows this upload. Start it again.')
  if (told?.status === 'cancelled') return end('cancelled')
  if (told?.status === 'timed_out')
    return end('timed_out', 'The file did not arrive completely in time. Start it again.')
  if (told?.status === 'errored')
    return fail(
      failureOf(told.errorCode, 'provider_refused'),
      told.error ?? 'The video service could not take this file.',
    )
  if (told?.status === 'asset_created' && ageMs(upload, now) > LOST_MS)
    return fail('lost', 'The video service has lost this file. Start the upload again.')
  if (upload.providerUploadId === null && ageMs(upload, now) > OPENING_MS)
    return fail('not_prepared', 'The upload could not be prepared. Start it again.')
  return upload.status === 'created' && upload.receivedBytes > 0 ? { ...upload, status: 'uploading' } : upload
}

function whyFailed(upload: UploadFacts, video: VideoFacts, asset: SeenAsset): UploadFailure {
  if (upload.checksum === 'differs' || video.error === NO_SUM) return 'checksum'
  return failureOf(asset && asset !== 'gone' ? asset.errorCode : null, 'provider_failed')
}

const ageMs = (upload: UploadFacts, now: Date) => now.getTime() - upload.createdAt.getTime()

// A video that never got its file ends with its upload.
function endWithUpload(video: VideoFacts, upload: UploadFacts, now: Date): VideoFacts {
  if (video.status !== 'waiting') return video
  if (upload.status === 'failed' || upload.status === 'timed_out')
    return { ...video, status: 'failed', error: upload.error }
  return { ...video, status: 'deleted', deletedAt: now, assetDeletedAt: now }
}
