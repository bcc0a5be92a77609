import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import { requestCaptions } from '#engine/assets/tracks/request-captions.ts'
import { trackJson } from '#engine/assets/tracks/track-json.ts'

/** Languages that Mux's document allows. */
const LANGUAGES = [
  ...['en', 'es', 'it', 'pt', 'de', 'fr', 'pl', 'ru', 'nl', 'ca', 'tr', 'sv'],
  ...['uk', 'no', 'fi', 'sk', 'el', 'cs', 'hr', 'da', 'ro', 'bg', 'auto'],
] as const

const wanted = z.object({
  language_code: z.enum(LANGUAGES).nullish(),
  name: z.string().max(255).nullish(),
  passthrough: z.string().max(255).nullish(),
})
const input = z.object({ generated_subtitles: z.array(wanted).min(1).max(10) })

/** POST …/tracks/{tid}/generate-subtitles: captions by the configured speech recogniser; 400 without one. */
export const generateTrackSubtitles = endpoint({
  method: 'POST',
  paths: ['/video/v1/assets/:assetId/tracks/:trackId/generate-subtitles'],
  body: input,
  async run({ ctx, param, body }) {
    const tracks = await requestCaptions(
      ctx,
      param('assetId'),
      param('trackId'),
      body.generated_subtitles.map(({ language_code, name, passthrough }) => ({
        languageCode: language_code ?? 'en',
        name,
        passthrough,
      })),
    )
    return created(tracks.map(trackJson))
  },
})
