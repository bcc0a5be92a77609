import { endpoint, ok } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import { findSigningKey, signingKeyJson } from '#engine/signing-keys/signing-keys.ts'

/** GET /system/v1/signing-keys/{id} */
export const getSigningKey = endpoint({
  method: 'GET',
  paths: ['/system/v1/signing-keys/:keyId', '/video/v1/signing-keys/:keyId'],
  async run({ ctx, param }) {
    const key = await findSigningKey(ctx.pool, param('keyId'))
    if (!key) throw notFound()
    return ok(signingKeyJson(key))
  },
})
