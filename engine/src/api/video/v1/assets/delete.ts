import { deleteAsset } from '../../../../assets/delete-asset.ts'
import { notFound } from '../../../../platform/errors.ts'
import { endpoint, noContent } from '../../../endpoint.ts'

/** DELETE /video/v1/assets/{id}: gone at once for everybody; its bytes follow within seconds. */
export const removeAsset = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId'],
  async run({ ctx, param }) {
    if (!(await deleteAsset(ctx, param('assetId')))) throw notFound()
    return noContent
  },
})
