import { findPlaybackId } from '../../../../../assets/playback-ids.ts'
import { notFound } from '../../../../../platform/errors.ts'
import { endpoint, ok } from '../../../../endpoint.ts'

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
