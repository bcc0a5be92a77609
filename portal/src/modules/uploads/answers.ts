import type { ChecksumVerdict, UploadFailure, UploadMover, UploadStatus } from './rules.ts'

/** One step in an upload's timeline. */
export type UploadStep = {
  from: UploadStatus | null
  to: UploadStatus
  at: string
  by: UploadMover
  /** A person's name, or the type of the service's event; null where there is nothing more to tell. */
  who: string | null
  reason: string | null
}

/** An upload as its team sees it. */
export type UploadView = {
  id: string
  videoId: string
  filename: string
  /** Bytes. */
  size: number
  /** The machine's states as the public interface calls them: `created` is `waiting`, `timed_out` is `failed`. */
  status: 'waiting' | 'uploading' | 'processing' | 'ready' | 'failed' | 'cancelled'
  /** Percent of what is being waited for now: of bytes while uploading, of the work on the file while processing. */
  progress: number
  /** Bytes that are safely stored, as last heard; null where nobody has told. */
  receivedBytes: number | null
  error: string | null
  /** Why it failed, from a closed list; null where it did not. */
  errorCode: UploadFailure | 'timed_out' | null
  /** Whether what arrived is what was sent: SHA-256 on both sides, hexadecimal. */
  checksum: { verdict: ChecksumVerdict; sent: string | null; received: string | null }
  /** SHA-256 of the first MiB, to recognise the file on another device. */
  headSha256: string | null
  /** Who sends, by the name that the tab or device gave itself, and when it was last heard. */
  writer: string | null
  heardAt: string | null
  ownerId: string
  ownerName: string | null
  createdAt: string
  updatedAt: string
  completedAt: string | null
  history: UploadStep[]
}
