import { read } from '#portal/platform/operation.ts'
import { videoIdInput } from './inputs.ts'
import { loadOwnVideo } from './queries.ts'
import { viewVideo } from './video-view.ts'

/** One video of the organisation; anybody else's does not exist. */
export const getVideo = read({
  action: 'video.get',
  input: videoIdInput,
  allow: { role: 'agency' },
  run: async ({ db, input, actor }) => viewVideo(await loadOwnVideo(db, actor, input.id)),
})
