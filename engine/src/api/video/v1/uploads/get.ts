import { endpoint, ok } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import { findUpload, uploadJson } from '#engine/uploads/upload-record.ts'

/** GET /video/v1/uploads/{id} */
export const getUpload = endpoint({
  method: 'GET',
  paths: ['/video/v1/uploads/:uploadId'],
  async run({ ctx, param }) {
    const upload = await findUpload(ctx.pool, param('uploadId'))
    if (!upload) throw notFound()
    return ok(uploadJson(upload, ctx.settings))
  },
})
