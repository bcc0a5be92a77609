import { endpoint, ok } from '#engine/api/endpoint.ts'
import { findPlaybackId } from '#engine/assets/playback-ids.ts'
import { notFound } from '#engine/platform/errors.ts'

/** GET /video/v1/assets/{id}/playback-ids/{pid} */
export const getAssetPlaybackId = endpoint({
  method: 'GET',
  paths: ['/video/v1/assets/:assetId/playback-ids/:playbackId'],
  async run({ ctx, param }) {
    const found = await findPlaybackId(ctx.pool, param('playbackId'))
    if (found?.asset_id !== param('assetId')) throw notFound()
    return ok({ id: found.id, policy: found.policy })
  },
})
