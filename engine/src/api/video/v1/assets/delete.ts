import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { deleteAsset } from '#engine/assets/delete-asset.ts'
import { notFound } from '#engine/platform/errors.ts'

/** DELETE /video/v1/assets/{id}: gone at once for everybody; its bytes follow within seconds. */
export const removeAsset = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId'],
  async run({ ctx, param }) {
    if (!(await deleteAsset(ctx, param('assetId')))) throw notFound()
    return noContent
  },
})
