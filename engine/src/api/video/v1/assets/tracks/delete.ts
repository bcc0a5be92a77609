import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { deleteTrack } from '#engine/assets/tracks/delete-track.ts'

/** DELETE /video/v1/assets/{id}/tracks/{tid}: a text, or sound other than the primary one. */
export const removeAssetTrack = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId/tracks/:trackId'],
  async run({ ctx, param }) {
    await deleteTrack(ctx, param('assetId'), param('trackId'))
    return noContent
  },
})
