import { endpoint, ok } from '#engine/api/endpoint.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { endUpload } from '#engine/uploads/complete-upload.ts'
import { findUpload, uploadJson } from '#engine/uploads/upload-record.ts'

/** PUT /video/v1/uploads/{id}/cancel: only while it waits, else 403 (U15). A running stream is cut off. */
export const cancelUpload = endpoint({
  method: 'PUT',
  paths: ['/video/v1/uploads/:uploadId/cancel'],
  async run({ ctx, uploads, param }) {
    const id = param('uploadId')
    const cancelled = await endUpload(ctx, id, 'cancelled')
    const upload = await findUpload(ctx.pool, id)
    if (!upload) throw notFound()
    if (!cancelled) throw new ApiError(403, `The upload can no longer be cancelled: it is ${upload.status}.`)
    await uploads.locks.interrupt(id)
    return ok(uploadJson(upload, ctx.settings))
  },
})
