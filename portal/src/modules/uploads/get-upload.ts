import { findVideo } from '#portal/modules/videos/store-video.ts'
import type { App } from '#portal/platform/app.ts'
import { flow, read } from '#portal/platform/operation.ts'
import { uploadIdInput } from './inputs.ts'
import { loadOwnUpload } from './queries.ts'
import type { UploadRow } from './tables.ts'
import { viewUpload } from './upload-view.ts'

const readUpload = read({
  action: 'upload.get',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ db, input, actor }) {
    const upload = await loadOwnUpload(db, actor, input.id)
    return { upload, video: await findVideo(db, upload.videoId) }
  },
})

/** One upload, with the bytes that have arrived so far where the video service counts them. */
export const getUpload = flow({
  action: 'upload.get',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const { upload, video } = await app.call(readUpload, input, ctx)
    return viewUpload(upload, video, await receivedBytes(app, upload))
  },
})

// Mux does not count for us, and allows few requests: it is not asked each time somebody looks.
async function receivedBytes(app: App, upload: UploadRow): Promise<number | null> {
  const { video } = app.ports
  if (upload.status !== 'waiting' || !upload.providerUploadId || video.provider !== 'engine') return null
  try {
    return (await video.getUpload(upload.providerUploadId))?.receivedBytes ?? null
  } catch (error) {
    app.log.warn({ err: error, upload: upload.id }, 'the video service did not tell how much has arrived')
    return null
  }
}
