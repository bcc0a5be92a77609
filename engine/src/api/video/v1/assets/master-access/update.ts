import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { updateMasterAccess } from '#engine/assets/master-access/change-master-access.ts'
import { notFound } from '#engine/platform/errors.ts'

const input = z.object({
  master_access: z.enum(['temporary', 'none'], { error: 'must be "temporary" or "none"' }),
})

/** PUT /video/v1/assets/{id}/master-access: a link to the best file there is, for 24 hours. */
export const updateAssetMasterAccess = endpoint({
  method: 'PUT',
  paths: ['/video/v1/assets/:assetId/master-access'],
  body: input,
  async run({ ctx, param, body }) {
    await updateMasterAccess(ctx, param('assetId'), body.master_access)
    const asset = await findAsset(ctx.pool, param('assetId'))
    if (!asset) throw notFound()
    return ok(assetJson(asset, 'string'))
  },
})
