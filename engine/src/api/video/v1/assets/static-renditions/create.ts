import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import { RESOLUTIONS } from '#engine/assets/asset-settings.ts'
import { createStaticRendition } from '#engine/assets/static-renditions/change-static-renditions.ts'
import { staticRenditionJson } from '#engine/assets/static-renditions/static-rendition-json.ts'

const input = z.object({
  resolution: z.enum(RESOLUTIONS, { error: `must be one of ${RESOLUTIONS.join(', ')}` }),
  passthrough: z.string().max(255).nullish(),
})

/** POST /video/v1/assets/{id}/static-renditions: a file for downloads, made once the ladder stands. */
export const createAssetStaticRendition = endpoint({
  method: 'POST',
  paths: ['/video/v1/assets/:assetId/static-renditions'],
  body: input,
  async run({ ctx, param, body }) {
    return created(staticRenditionJson(await createStaticRendition(ctx, param('assetId'), body)))
  },
})
