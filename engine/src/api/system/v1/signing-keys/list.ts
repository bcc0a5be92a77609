import { endpoint, ok } from '#engine/api/endpoint.ts'
import { readPage } from '#engine/api/pagination.ts'
import { type SigningKeyRow, signingKeyJson } from '#engine/signing-keys/signing-keys.ts'

/** GET /system/v1/signing-keys: newest first. */
export const listSigningKeys = endpoint({
  method: 'GET',
  paths: ['/system/v1/signing-keys', '/video/v1/signing-keys'],
  async run({ ctx, query }) {
    const { limit, offset } = readPage(query)
    const { rows } = await ctx.pool.query<SigningKeyRow>(
      `select id, public_key, created_at from engine.signing_keys where deleted_at is null
       order by created_at desc, id desc limit $1 offset $2`,
      [limit, offset],
    )
    return ok(rows.map(signingKeyJson))
  },
})
