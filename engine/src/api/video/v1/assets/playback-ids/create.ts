import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import { policyInput } from '#engine/assets/asset-settings.ts'
import { addPlaybackId } from '#engine/assets/create-asset.ts'
import { emitAsset } from '#engine/assets/emit-asset.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { notFound } from '#engine/platform/errors.ts'

// Mux leaves the default open; the careful one is the one that needs a token.
const input = z.object({ policy: policyInput.default('signed') })

/** POST /video/v1/assets/{id}/playback-ids */
export const createPlaybackId = endpoint({
  method: 'POST',
  paths: ['/video/v1/assets/:assetId/playback-ids'],
  body: input,
  async run({ ctx, param, body }) {
    const assetId = param('assetId')
    const playbackId = await inTransaction(ctx.pool, async (tx) => {
      const { rowCount } = await tx.query(
        'select 1 from engine.assets where id = $1 and deleted_at is null for update',
        [assetId],
      )
      if (rowCount === 0) throw notFound()
      const made = await addPlaybackId(tx, ctx, assetId, body.policy)
      await emitAsset(tx, ctx, 'video.asset.updated', assetId)
      return made
    })
    return created(playbackId)
  },
})
