import { z } from 'zod'
import { findPlaybackIds } from '#portal/modules/videos/find-playback-ids.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow } from '#portal/platform/operation.ts'
import { imageTokens } from './playback-answer.ts'

/** Poster and storyboard of a video of one's own organisation; opens no media and counts as no playing. */
export const pictureUrls = flow({
  action: 'video.pictures',
  input: z.strictObject({ id: z.string().max(64) }),
  allow: { role: 'agency' },
  async run({ app, input, ctx }): Promise<{ posterUrl: string; storyboardUrl: string }> {
    const [found] = await app.call(findPlaybackIds, { videoIds: [input.id] }, ctx)
    if (!found) throw new AppError('not_found', 'There is no such video, or no picture of it yet.')
    const { poster, storyboard } = await imageTokens(app, found.playbackId)
    return {
      posterUrl: app.ports.video.posterUrl(found.playbackId, poster),
      storyboardUrl: app.ports.video.storyboardUrl(found.playbackId, storyboard),
    }
  },
})
