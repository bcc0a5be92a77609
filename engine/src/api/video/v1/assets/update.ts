import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { type AssetRow, findAsset } from '#engine/assets/asset-record.ts'
import { type AssetMeta, metaInput, passthroughInput } from '#engine/assets/asset-settings.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'

const input = z.object({
  passthrough: passthroughInput.nullish(),
  meta: metaInput.nullish(),
  thumbnail_time: z.number().min(0).nullish(),
})
type Change = z.output<typeof input>
type Changed = Pick<AssetRow, 'passthrough' | 'meta' | 'thumbnail_time' | 'duration_seconds'>

/**
 * PATCH /video/v1/assets/{id}: `passthrough` ("" clears it), the given fields of `meta` ("" clears one), and
 * `thumbnail_time`.
 */
export const updateAsset = endpoint({
  method: 'PATCH',
  paths: ['/video/v1/assets/:assetId'],
  body: input,
  async run({ ctx, param, body }) {
    const id = param('assetId')
    const asset = await inTransaction(ctx.pool, async (tx) => {
      const { rows } = await tx.query<Changed>(
        `select passthrough, meta, thumbnail_time, duration_seconds from engine.assets
         where id = $1 and deleted_at is null for update`,
        [id],
      )
      if (!rows[0]) throw notFound()
      await tx.query(
        'update engine.assets set passthrough = $2, meta = $3, thumbnail_time = $4 where id = $1',
        [
          id,
          (body.passthrough ?? rows[0].passthrough) || null,
          merged(rows[0].meta, body.meta),
          thumbnailTime(rows[0], body),
        ],
      )
      await emitAsset(tx, ctx, 'video.asset.updated', id)
      return findAsset(tx, id)
    })
    return ok(assetJson(asset!, 'string'))
  },
})

function merged(before: AssetMeta | null, change: AssetMeta | null | undefined): string | null {
  const left = Object.entries({ ...before, ...change }).filter(([, value]) => value !== '')
  return left.length > 0 ? JSON.stringify(Object.fromEntries(left)) : null
}

function thumbnailTime(asset: Changed, { thumbnail_time: asked }: Change): number | null {
  if (asked == null) return asset.thumbnail_time
  if (asset.duration_seconds !== null && asked > asset.duration_seconds)
    throw new ApiError(400, 'thumbnail_time: lies past the end of the video')
  return asked
}
