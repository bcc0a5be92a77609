import { verb } from '#portal/platform/operation.ts'
import { renameVideoInput } from './inputs.ts'
import { loadOwnVideo } from './queries.ts'
import { writeVideo } from './store-video.ts'
import { viewVideo } from './video-view.ts'

/** Gives a video another title; viewers of its links see it from their next page on. */
export const renameVideo = verb({
  action: 'video.rename',
  input: renameVideoInput,
  allow: { role: 'agency' },
  async run({ tx, input, actor }) {
    const video = await loadOwnVideo(tx, actor, input.id, 'for update')
    await writeVideo(tx, video.id, { title: input.title })
    // Titles name athletes and clients: the log says that it changed, not to what.
    return {
      result: viewVideo({ ...video, title: input.title }),
      change: { target: { type: 'video', id: video.id }, details: { changed: video.title !== input.title } },
    }
  },
})
