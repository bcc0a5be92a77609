import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { findVideo } from './store-video.ts'

export const setTitleOrder = {
  name: 'videos.set-title',
  input: z.strictObject({ videoId: z.string() }),
  maxAttempts: 15,
}

const alertOf = (videoId: string) => `videos.set-title:${videoId}`

/** Has the video service call a video what it is called here: it keeps the title of the upload otherwise. */
export const setTitle = job({
  ...setTitleOrder,
  async run({ app, input, attempt, maxAttempts }) {
    const video = await app.db.transaction((tx) => findVideo(tx, input.videoId))
    if (!video?.assetId || video.status === 'deleted' || video.provider !== app.ports.video.provider) return
    try {
      await app.ports.video.setTitle(video.assetId, video.title)
    } catch (error) {
      if (attempt >= maxAttempts)
        await app.ports.alerts.raise({
          key: alertOf(input.videoId),
          severity: 'warning',
          summary: 'The video service did not take over a title: it still shows the one before.',
          audience: ['compliance', 'operations'],
          details: { video_id: input.videoId },
        })
      throw error
    }
  },
})
