import { listProgress } from '#portal/modules/videos/store-video.ts'
import { encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { read } from '#portal/platform/operation.ts'
import type { UploadView } from './answers.ts'
import { listUploadsInput } from './inputs.ts'
import { listOwnUploads, readTimelines } from './queries.ts'
import { viewUpload } from './upload-view.ts'

/** The organisation's uploads, newest first, each with how far it is and how it came there. */
export const listUploads = read({
  action: 'upload.list',
  input: listUploadsInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }): Promise<Page<UploadView>> {
    const rows = await listOwnUploads(db, actor, input)
    const timelines = await readTimelines(db, rows)
    const processing = rows.filter((row) => row.status === 'processing').map((row) => row.videoId)
    const work = await listProgress(db, processing)
    const views = rows.map((row) => viewUpload(row, work.get(row.videoId) ?? null, timelines))
    return toPage(views, input.limit, (view) => encodeCursor(view.createdAt, view.id))
  },
})
