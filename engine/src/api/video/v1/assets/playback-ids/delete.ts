import { deletePlaybackId } from '../../../../../assets/playback-ids.ts'
import { notFound } from '../../../../../platform/errors.ts'
import { endpoint, noContent } from '../../../../endpoint.ts'

/** DELETE /video/v1/assets/{id}/playback-ids/{pid}: ends every session that plays through it. */
export const removePlaybackId = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId/playback-ids/:playbackId'],
  async run({ ctx, param }) {
    if (!(await deletePlaybackId(ctx, param('assetId'), param('playbackId')))) throw notFound()
    return noContent
  },
})
