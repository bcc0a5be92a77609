import { created, endpoint } from '#engine/api/endpoint.ts'
import { createSigningKey, signingKeyJson } from '#engine/signing-keys/signing-keys.ts'

/** POST /system/v1/signing-keys: the only answer that holds the private key. */
export const makeSigningKey = endpoint({
  method: 'POST',
  paths: ['/system/v1/signing-keys', '/video/v1/signing-keys'],
  async run({ ctx }) {
    const { key, privateKey } = await createSigningKey(ctx)
    return created({ ...signingKeyJson(key), private_key: privateKey })
  },
})
