import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import { deleteSigningKey } from '#engine/signing-keys/signing-keys.ts'

/** DELETE /system/v1/signing-keys/{id}: invalidates every token it signed. */
export const removeSigningKey = endpoint({
  method: 'DELETE',
  paths: ['/system/v1/signing-keys/:keyId', '/video/v1/signing-keys/:keyId'],
  async run({ ctx, param }) {
    if (!(await deleteSigningKey(ctx, param('keyId')))) throw notFound()
    return noContent
  },
})
