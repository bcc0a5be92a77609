import { notFound } from '../../../../platform/errors.ts'
import { findSigningKey, signingKeyJson } from '../../../../signing-keys/signing-keys.ts'
import { endpoint, ok } from '../../../endpoint.ts'

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
