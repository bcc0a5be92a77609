import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import { createTrack } from '#engine/assets/tracks/create-track.ts'
import { languageCodeInput } from '#engine/assets/tracks/languages.ts'
import { trackJson } from '#engine/assets/tracks/track-json.ts'
import { createOutboundGuard } from '#engine/platform/outbound-guard.ts'
import { refuseUrl } from './refuse-url.ts'

const input = z.object({
  url: z.string({ error: 'is required' }).max(4096),
  type: z.enum(['text', 'audio'], { error: 'must be "text" or "audio"' }),
  language_code: languageCodeInput,
  name: z.string().max(255).nullish(),
  text_type: z.literal('subtitles', { error: 'must be "subtitles"' }).nullish(),
  closed_captions: z.boolean().nullish(),
  passthrough: z.string().max(255).nullish(),
})

/** POST /video/v1/assets/{id}/tracks: captions in SubRip or WebVTT, or further sound, fetched from `url`. */
export const createAssetTrack = endpoint({
  method: 'POST',
  paths: ['/video/v1/assets/:assetId/tracks'],
  body: input,
  async run({ ctx, param, body }) {
    refuseUrl(createOutboundGuard(ctx.settings.allowedInputHosts), body.url)
    const track = await createTrack(ctx, param('assetId'), {
      type: body.type,
      url: body.url,
      languageCode: body.language_code,
      name: body.name,
      closedCaptions: body.closed_captions,
      passthrough: body.passthrough,
    })
    return created(trackJson(track))
  },
})
