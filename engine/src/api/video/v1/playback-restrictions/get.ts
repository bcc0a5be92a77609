import { endpoint, ok } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import {
  findPlaybackRestriction,
  playbackRestrictionJson,
} from '#engine/playback-restrictions/playback-restrictions.ts'

/** GET /video/v1/playback-restrictions/{id} */
export const getPlaybackRestriction = endpoint({
  method: 'GET',
  paths: ['/video/v1/playback-restrictions/:restrictionId'],
  async run({ ctx, param }) {
    const found = await findPlaybackRestriction(ctx.pool, param('restrictionId'))
    if (!found) throw notFound()
    return ok(playbackRestrictionJson(found))
  },
})
