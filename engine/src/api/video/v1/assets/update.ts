import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { metaInput, passthroughInput } from '#engine/assets/asset-settings.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { notFound } from '#engine/platform/errors.ts'

const input = z.object({ passthrough: passthroughInput.optional(), meta: metaInput.optional() })

/** PATCH /video/v1/assets/{id}: `passthrough` ("" clears it) and the given fields of `meta` ("" clears one). */
export const updateAsset = endpoint({
  method: 'PATCH',
  paths: ['/video/v1/assets/:assetId'],
  body: input,
  async run({ ctx, param, body }) {
    const id = param('assetId')
    const asset = await inTransaction(ctx.pool, async (tx) => {
      const { rows } = await tx.query(
        'select passthrough, meta from engine.assets where id = $1 and deleted_at is null for update',
        [id],
      )
      if (!rows[0]) throw notFound()
      const merged = Object.entries({ ...rows[0].meta, ...body.meta }).filter(([, value]) => value !== '')
      await tx.query('update engine.assets set passthrough = $2, meta = $3 where id = $1', [
        id,
        (body.passthrough ?? rows[0].passthrough) || null,
        merged.length > 0 ? JSON.stringify(Object.fromEntries(merged)) : null,
      ])
      await emitAsset(tx, ctx, 'video.asset.updated', id)
      return findAsset(tx, id)
    })
    return ok(assetJson(asset!, 'string'))
  },
})
