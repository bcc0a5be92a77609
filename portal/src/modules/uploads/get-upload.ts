import { findVideo } from '#portal/modules/videos/store-video.ts'
import type { App } from '#portal/platform/app.ts'
import { flow, read } from '#portal/platform/operation.ts'
import { uploadIdInput } from './inputs.ts'
import { loadOwnUpload, readTimelines } from './queries.ts'
import type { UploadRow } from './tables.ts'
import { viewUpload } from './upload-view.ts'

const readUpload = read({
  action: 'upload.get',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }) {
    const upload = await loadOwnUpload(db, actor, input.id)
    const video = await findVideo(db, upload.videoId)
    return { upload, video, timelines: await readTimelines(db, [upload]) }
  },
})

/** One upload, with the bytes that have arrived so far where the video service counts them. */
export const getUpload = flow({
  action: 'upload.get',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const { upload, video, timelines } = await app.call(readUpload, input, ctx)
    const receivedBytes = Math.max(upload.receivedBytes, await arrivedBytes(app, upload))
    // Shown at once; the state itself moves when the next look, event or report of the sender says so.
    const status = upload.status === 'created' && receivedBytes > 0 ? ('uploading' as const) : upload.status
    return viewUpload({ ...upload, status, receivedBytes }, video, timelines)
  },
})

// Mux does not count for us, and allows few requests: it is not asked each time somebody looks.
async function arrivedBytes(app: App, upload: UploadRow): Promise<number> {
  const { video } = app.ports
  const sendable = upload.status === 'created' || upload.status === 'uploading'
  if (!sendable || !upload.providerUploadId || video.provider !== 'engine') return 0
  try {
    return (await video.getUpload(upload.providerUploadId))?.receivedBytes ?? 0
  } catch (error) {
    app.log.warn({ err: error, upload: upload.id }, 'the video service did not tell how much has arrived')
    return 0
  }
}
