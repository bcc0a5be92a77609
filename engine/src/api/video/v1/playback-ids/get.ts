import { endpoint, ok } from '#engine/api/endpoint.ts'
import { findPlaybackId } from '#engine/assets/playback-ids.ts'
import { notFound } from '#engine/platform/errors.ts'

/** GET /video/v1/playback-ids/{pid}: which asset a playback ID belongs to. */
export const getPlaybackId = endpoint({
  method: 'GET',
  paths: ['/video/v1/playback-ids/:playbackId'],
  async run({ ctx, param }) {
    const found = await findPlaybackId(ctx.pool, param('playbackId'))
    if (!found) throw notFound()
    return ok({ id: found.id, policy: found.policy, object: { type: 'asset', id: found.asset_id } })
  },
})
