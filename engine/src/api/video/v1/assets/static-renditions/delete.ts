import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { deleteStaticRendition } from '#engine/assets/static-renditions/change-static-renditions.ts'

/** DELETE /video/v1/assets/{id}/static-renditions/{rid}: gone at once for everybody. */
export const removeAssetStaticRendition = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId/static-renditions/:staticRenditionId'],
  async run({ ctx, param }) {
    await deleteStaticRendition(ctx, param('assetId'), param('staticRenditionId'))
    return noContent
  },
})
