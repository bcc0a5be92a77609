import { endpoint, ok } from '#engine/api/endpoint.ts'
import { readPage } from '#engine/api/pagination.ts'
import {
  listPlaybackRestrictions,
  playbackRestrictionJson,
} from '#engine/playback-restrictions/playback-restrictions.ts'

/** GET /video/v1/playback-restrictions: newest first; a page past the end is empty. */
export const getPlaybackRestrictions = endpoint({
  method: 'GET',
  paths: ['/video/v1/playback-restrictions'],
  async run({ ctx, query }) {
    const rows = await listPlaybackRestrictions(ctx.pool, readPage(query))
    return ok(rows.map(playbackRestrictionJson))
  },
})
