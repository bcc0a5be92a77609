import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { deletePlaybackId } from '#engine/assets/playback-ids.ts'
import { notFound } from '#engine/platform/errors.ts'

/** DELETE /video/v1/assets/{id}/playback-ids/{pid}: ends every session that plays through it. */
export const removePlaybackId = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId/playback-ids/:playbackId'],
  async run({ ctx, param }) {
    if (!(await deletePlaybackId(ctx, param('assetId'), param('playbackId')))) throw notFound()
    return noContent
  },
})
