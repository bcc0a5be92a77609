import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { updateMp4Support } from '#engine/assets/static-renditions/change-static-renditions.ts'
import { notFound } from '#engine/platform/errors.ts'

const SUPPORTS = ['none', 'standard', 'capped-1080p', 'audio-only', 'audio-only,capped-1080p'] as const
const input = z.object({
  mp4_support: z.enum(SUPPORTS, { error: `must be one of ${SUPPORTS.join(', ')}` }),
})

/** PUT /video/v1/assets/{id}/mp4-support: the older way to files for downloads. */
export const updateAssetMp4Support = endpoint({
  method: 'PUT',
  paths: ['/video/v1/assets/:assetId/mp4-support'],
  body: input,
  async run({ ctx, param, body }) {
    await updateMp4Support(ctx, param('assetId'), body.mp4_support)
    const asset = await findAsset(ctx.pool, param('assetId'))
    if (!asset) throw notFound()
    return ok(assetJson(asset, 'string'))
  },
})
