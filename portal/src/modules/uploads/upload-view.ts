import type { UploadRow } from './tables.ts'

/** An upload as its team sees it. */
export type UploadView = {
  id: string
  videoId: string
  filename: string
  /** Bytes. */
  size: number
  status: UploadRow['status'] | 'uploading'
  /** Percent of what is being waited for now: of bytes while uploading, of the work on the file while processing. */
  progress: number
  /** Bytes that are safely stored; null where the service does not tell. */
  receivedBytes: number | null
  error: string | null
  ownerId: string
  createdAt: string
  completedAt: string | null
}

/** Percent of the work on the file so far. */
type Work = { progressPercent: number | null } | null

export function viewUpload(row: UploadRow, work: Work, receivedBytes: number | null = null): UploadView {
  const arriving = row.status === 'waiting' && receivedBytes !== null && receivedBytes > 0
  return {
    id: row.id,
    videoId: row.videoId,
    filename: row.filename,
    size: row.sizeBytes,
    status: arriving ? 'uploading' : row.status,
    progress: progressOf(row, work, receivedBytes ?? 0),
    receivedBytes,
    error: row.error,
    ownerId: row.ownerId,
    createdAt: row.createdAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
  }
}

function progressOf(row: UploadRow, work: Work, receivedBytes: number): number {
  if (row.status === 'ready') return 100
  if (row.status === 'processing') return Math.round(work?.progressPercent ?? 0)
  if (row.status !== 'waiting') return 0
  return Math.min(100, Math.floor((receivedBytes / row.sizeBytes) * 100))
}
