import type { UploadStep, UploadView } from './answers.ts'
import type { Timelines } from './queries.ts'
import type { UploadRow } from './tables.ts'

/** Percent of the work on the file so far. */
type Work = { progressPercent: number | null } | null

const TOLD_AS = { created: 'waiting', timed_out: 'failed' } as const

export function viewUpload(row: UploadRow, work: Work, { steps, names }: Timelines): UploadView {
  const told = row.status in TOLD_AS ? TOLD_AS[row.status as keyof typeof TOLD_AS] : row.status
  return {
    id: row.id,
    videoId: row.videoId,
    filename: row.filename,
    size: row.sizeBytes,
    status: told as UploadView['status'],
    progress: progressOf(row, work),
    receivedBytes: row.heardAt === null && row.receivedBytes === 0 ? null : row.receivedBytes,
    error: row.error,
    errorCode: row.status === 'timed_out' ? 'timed_out' : row.failureReason,
    checksum: {
      verdict: row.checksum,
      sent: row.sentSha256?.toString('hex') ?? null,
      received: row.receivedSha256?.toString('hex') ?? null,
    },
    headSha256: row.headSha256?.toString('hex') ?? null,
    writer: row.writer,
    heardAt: row.heardAt?.toISOString() ?? null,
    ownerId: row.ownerId,
    ownerName: names.get(row.ownerId) ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
    history: steps.filter(({ uploadId }) => uploadId === row.id).map((step) => viewStep(step, names)),
  }
}

function viewStep(step: Timelines['steps'][number], names: Timelines['names']): UploadStep {
  const { fromStatus, toStatus, at, movedBy, movedById, reason } = step
  const who = movedBy === 'person' ? (names.get(movedById ?? '') ?? null) : movedById
  return { from: fromStatus, to: toStatus, at: at.toISOString(), by: movedBy, who, reason }
}

function progressOf(row: UploadRow, work: Work): number {
  if (row.status === 'ready') return 100
  if (row.status === 'processing') return Math.round(work?.progressPercent ?? 0)
  if (row.status !== 'created' && row.status !== 'uploading') return 0
  return Math.min(100, Math.floor((row.receivedBytes / row.sizeBytes) * 100))
}
