import { endUpload } from './complete-upload.ts'
import { refuse, type UploadAnswer } from './upload-answers.ts'
import type { UploadParts } from './upload-parts.ts'
import type { UploadRow } from './upload-record.ts'
import { totalOf, type UploadRequest } from './upload-request.ts'

const EMPTY_FILE = {
  type: 'empty',
  message:
    'The file is empty: it has 0 bytes. Choose the video file again, and check that it plays on your device.',
}

/** U10. */
export function answerIfEnded(upload: UploadRow): UploadAnswer | null {
  if (upload.status === 'waiting') return null
  if (upload.status === 'asset_created') return { kind: 'complete' }
  const reasons = {
    cancelled: 'This upload was cancelled. Start a new one.',
    timed_out: 'This upload took too long and has expired. Start a new one.',
    errored: upload.error?.message ?? 'This upload failed. Start a new one.',
  }
  return refuse(410, reasons[upload.status])
}

/** An empty file ends the upload with its reason. */
export async function failEmpty(parts: UploadParts, upload: UploadRow): Promise<UploadAnswer> {
  if ((await parts.spool.size(upload.id, upload.received_bytes)) > 0) {
    return refuse(400, 'The request has no body. To ask how far an upload is, send Content-Range: bytes */*.')
  }
  await endUpload(parts.ctx, upload.id, 'errored', EMPTY_FILE)
  return refuse(400, EMPTY_FILE.message)
}

/** U8. */
export async function refuseTooLarge(
  parts: UploadParts,
  upload: UploadRow,
  body: UploadRequest,
): Promise<UploadAnswer | null> {
  const max = parts.ctx.settings.maxUploadBytes
  const total = totalOf(body.range, body.length)
  const least = total ?? (body.range.kind === 'bytes' ? body.range.end + 1 : 0)
  return least > max ? failTooLarge(parts, upload) : null
}

export async function failTooLarge(parts: UploadParts, upload: UploadRow): Promise<UploadAnswer> {
  const message = `The file is larger than ${formatBytes(parts.ctx.settings.maxUploadBytes)}, the most that is accepted.`
  await endUpload(parts.ctx, upload.id, 'errored', { type: 'too_large', message })
  return refuse(413, message)
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power]}`
}
