import { encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { read } from '#portal/platform/operation.ts'
import { listVideosInput } from './inputs.ts'
import { listOwnVideos } from './queries.ts'
import { type VideoView, viewVideo } from './video-view.ts'

/** The organisation's videos, newest first. */
export const listVideos = read({
  action: 'video.list',
  input: listVideosInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }): Promise<Page<VideoView>> {
    const rows = await listOwnVideos(db, actor, input)
    return toPage(rows.map(viewVideo), input.limit, (view) => encodeCursor(view.createdAt, view.id))
  },
})
