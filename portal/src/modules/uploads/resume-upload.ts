import { unseal } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { uploadIdInput } from './inputs.ts'
import { loadBegunUpload } from './queries.ts'
import { uploadUrlPlace } from './start-upload.ts'
import type { UploadRow } from './tables.ts'

/** Gives the upload's URL to its owner again, after a reload or in another tab; the service tells where to go on. */
export const resumeUpload = verb({
  action: 'upload.resume',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ tx, input, actor, keys, settings }) {
    const upload = await loadBegunUpload(tx, actor, input.id)
    if (upload.status !== 'waiting') throw new AppError(...whyOver(upload))
    if (!upload.uploadUrl) {
      throw new AppError('unavailable', 'The upload is still being prepared. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    }
    return {
      result: {
        id: upload.id,
        videoId: upload.videoId,
        uploadUrl: unseal(keys.seal, upload.uploadUrl, uploadUrlPlace(upload.id)).toString(),
        status: upload.status,
        filename: upload.filename,
        size: upload.sizeBytes,
        maxBytes: settings.MAX_UPLOAD_BYTES,
      },
      change: { target: { type: 'upload', id: upload.id } },
    }
  },
})

function whyOver(upload: UploadRow): ['gone' | 'conflict', string] {
  if (upload.status === 'cancelled') return ['gone', 'This upload was cancelled. Start it again.']
  if (upload.status === 'failed') return ['gone', upload.error ?? 'This upload has failed. Start it again.']
  return ['conflict', 'The whole file has arrived already.']
}
