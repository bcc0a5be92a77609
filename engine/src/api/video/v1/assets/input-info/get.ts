import { endpoint, ok } from '#engine/api/endpoint.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { inputInfoJson } from '#engine/assets/input-info.ts'
import { notFound } from '#engine/platform/errors.ts'

/** GET /video/v1/assets/{id}/input-info */
export const getInputInfo = endpoint({
  method: 'GET',
  paths: ['/video/v1/assets/:assetId/input-info'],
  async run({ ctx, param }) {
    const asset = await findAsset(ctx.pool, param('assetId'))
    if (!asset) throw notFound()
    return ok(inputInfoJson(asset))
  },
})
