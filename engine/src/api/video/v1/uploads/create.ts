import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import { assetSettingsInput, DEFAULT_SETTINGS } from '#engine/assets/asset-settings.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { newId } from '#engine/platform/ids.ts'
import { emitUpload } from '#engine/uploads/complete-upload.ts'
import { findUpload, uploadJson } from '#engine/uploads/upload-record.ts'
import { hashSecret, uploadSecret } from '#engine/uploads/upload-url.ts'

const ORIGIN = /^(\*|https?:\/\/[A-Za-z0-9.\-[\]:]{1,255}\/?)$/

const input = z.object({
  cors_origin: z.string().regex(ORIGIN, 'must be an origin such as https://example.com, or *'),
  timeout: z.int().min(60).max(604_800).nullish(),
  test: z.boolean().nullish(),
  new_asset_settings: assetSettingsInput.nullish(),
})

/** POST /video/v1/uploads: a URL that one file may be sent to. */
export const createUpload = endpoint({
  method: 'POST',
  paths: ['/video/v1/uploads'],
  body: input,
  async run({ ctx, body }) {
    const id = newId()
    const upload = await inTransaction(ctx.pool, async (tx) => {
      await tx.query(
        `insert into engine.uploads (id, secret_hash, timeout_seconds, cors_origin, new_asset_settings, test, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          id,
          hashSecret(uploadSecret(ctx.settings.sessionSecret, id)),
          body.timeout ?? 3600,
          body.cors_origin,
          JSON.stringify(body.new_asset_settings ?? DEFAULT_SETTINGS),
          body.test ?? false,
          ctx.clock(),
        ],
      )
      await emitUpload(tx, ctx, 'video.upload.created', id)
      return findUpload(tx, id)
    })
    return created(uploadJson(upload!, ctx.settings))
  },
})
