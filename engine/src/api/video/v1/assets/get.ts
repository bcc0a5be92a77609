import { endpoint, ok } from '#engine/api/endpoint.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { notFound } from '#engine/platform/errors.ts'

/** GET /video/v1/assets/{id} */
export const getAsset = endpoint({
  method: 'GET',
  paths: ['/video/v1/assets/:assetId'],
  async run({ ctx, param }) {
    const asset = await findAsset(ctx.pool, param('assetId'))
    if (!asset) throw notFound()
    return ok(assetJson(asset, 'string'))
  },
})
