import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import { deletePlaybackRestriction } from '#engine/playback-restrictions/playback-restrictions.ts'

/** DELETE /video/v1/playback-restrictions/{id}: ends what its tokens opened. */
export const removePlaybackRestriction = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/playback-restrictions/:restrictionId'],
  async run({ ctx, param }) {
    if (!(await deletePlaybackRestriction(ctx, param('restrictionId')))) throw notFound()
    return noContent
  },
})
