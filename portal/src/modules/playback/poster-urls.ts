import { z } from 'zod'
import { findPlaybackIds } from '#portal/modules/videos/find-playback-ids.ts'
import { flow } from '#portal/platform/operation.ts'
import { imageTokens } from './playback-answer.ts'

const posterInput = z.strictObject({ videoIds: z.array(z.string().max(64)).max(100) })

/** Still pictures of the organisation's own videos: video ID → URL, good for at least half a token's life. */
export const posterUrls = flow({
  action: 'video.posters',
  input: posterInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }): Promise<Record<string, string>> {
    const found = await app.call(findPlaybackIds, input, ctx)
    const urls = found.map(async ({ videoId, playbackId }) => {
      const { poster } = await imageTokens(app, playbackId)
      return [videoId, app.ports.video.posterUrl(playbackId, poster)] as const
    })
    return Object.fromEntries(await Promise.all(urls))
  },
})
