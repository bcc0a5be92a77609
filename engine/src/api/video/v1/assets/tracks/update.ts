import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { languageCodeInput } from '#engine/assets/tracks/languages.ts'
import { trackJson } from '#engine/assets/tracks/track-json.ts'
import { updateTrack } from '#engine/assets/tracks/update-track.ts'

const input = z.object({
  language_code: languageCodeInput.nullish(),
  name: z.string().max(255).nullish(),
  closed_captions: z.boolean().nullish(),
  passthrough: z.string().max(255).nullish(),
})

/** PATCH /video/v1/assets/{id}/tracks/{tid}: what the track says of itself; `passthrough` "" clears it. */
export const updateAssetTrack = endpoint({
  method: 'PATCH',
  paths: ['/video/v1/assets/:assetId/tracks/:trackId'],
  body: input,
  async run({ ctx, param, body }) {
    const track = await updateTrack(ctx, param('assetId'), param('trackId'), {
      languageCode: body.language_code,
      name: body.name,
      closedCaptions: body.closed_captions,
      passthrough: body.passthrough,
    })
    return ok(trackJson(track))
  },
})
