import { unseal } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { resumeUploadInput } from './inputs.ts'
import { loadBegunUpload } from './queries.ts'
import { SENDABLE_UPLOADS } from './rules.ts'
import { uploadUrlPlace } from './start-upload.ts'
import { writeSendableUpload } from './store-upload.ts'
import type { UploadRow } from './tables.ts'

/**
 * Gives the upload's URL to its owner again, after a reload, in another tab or on another device; the service tells
 * where to go on. Whoever sent until now learns it from the answer to their next report.
 * @throws AppError conflict for another file, gone where the upload has ended
 */
export const resumeUpload = verb({
  action: 'upload.resume',
  input: resumeUploadInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, keys, settings }) {
    const upload = await loadBegunUpload(tx, actor, input.id, 'for update')
    if (!(SENDABLE_UPLOADS as readonly string[]).includes(upload.status))
      throw new AppError(...whyOver(upload))
    mustBeSameFile(upload, input.headSha256)
    if (!upload.uploadUrl) {
      throw new AppError('unavailable', 'The upload is still being prepared. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    }
    if (input.writer) await writeSendableUpload(tx, upload.id, { writer: input.writer, heardAt: ctx.now })
    return {
      result: {
        id: upload.id,
        videoId: upload.videoId,
        uploadUrl: unseal(keys.seal, upload.uploadUrl, uploadUrlPlace(upload.id)).toString(),
        status: 'waiting' as const,
        filename: upload.filename,
        size: upload.sizeBytes,
        maxBytes: settings.MAX_UPLOAD_BYTES,
      },
      change: { target: { type: 'upload', id: upload.id } },
    }
  },
})

function mustBeSameFile({ headSha256, filename }: UploadRow, given: string | undefined): void {
  if (!headSha256 || !given || headSha256.toString('hex') === given) return
  throw new AppError(
    'invalid',
    `This is another file. Choose ${filename}, the one this upload was begun with.`,
  )
}

function whyOver(upload: UploadRow): ['gone' | 'conflict', string] {
  if (upload.status === 'cancelled') return ['gone', 'This upload was cancelled. Start it again.']
  if (upload.status === 'failed' || upload.status === 'timed_out')
    return ['gone', upload.error ?? 'This upload has failed. Start it again.']
  return ['conflict', 'The whole file has arrived already.']
}
