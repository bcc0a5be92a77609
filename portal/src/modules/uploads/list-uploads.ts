import { encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { read } from '#portal/platform/operation.ts'
import { listUploadsInput } from './inputs.ts'
import { listOwnUploads } from './queries.ts'
import { type UploadView, viewUpload } from './upload-view.ts'

/** The organisation's uploads, newest first; bytes that are arriving are told by `upload.get` alone. */
export const listUploads = read({
  action: 'upload.list',
  input: listUploadsInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }): Promise<Page<UploadView>> {
    const rows = await listOwnUploads(db, actor, input)
    const views = rows.map((row) => viewUpload(row, null))
    return toPage(views, input.limit, (view) => encodeCursor(view.createdAt, view.id))
  },
})
