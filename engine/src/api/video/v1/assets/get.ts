import { assetJson } from '../../../../assets/asset-json.ts'
import { findAsset } from '../../../../assets/asset-record.ts'
import { notFound } from '../../../../platform/errors.ts'
import { endpoint, ok } from '../../../endpoint.ts'

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
