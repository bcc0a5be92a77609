import { endpoint, noContent } from '#engine/api/endpoint.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { notFound } from '#engine/platform/errors.ts'

/** DELETE /video/v1/assets/{id}/thumbnail-time: thumbnails show the middle again. */
export const removeThumbnailTime = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/assets/:assetId/thumbnail-time'],
  async run({ ctx, param }) {
    const id = param('assetId')
    await inTransaction(ctx.pool, async (tx) => {
      const { rowCount } = await tx.query(
        'update engine.assets set thumbnail_time = null where id = $1 and deleted_at is null',
        [id],
      )
      if (rowCount !== 1) throw notFound()
      await emitAsset(tx, ctx, 'video.asset.updated', id)
    })
    return noContent
  },
})
