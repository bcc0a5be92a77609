import { findVideo, writeVideo } from '#portal/modules/videos/store-video.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, read, verb } from '#portal/platform/operation.ts'
import { uploadIdInput } from './inputs.ts'
import { loadBegunUpload } from './queries.ts'
import { SENDABLE_UPLOADS, type UploadStatus } from './rules.ts'
import { settleUpload } from './settle-upload.ts'
import { endSendableUpload, moverOf } from './store-upload.ts'

const TOO_LATE = 'The whole file has arrived already. Delete the video instead.'

const readOwn = read({
  action: 'upload.cancel',
  input: uploadIdInput,
  allow: { role: 'agency' },
  run: async ({ db, input, actor }) => await loadBegunUpload(db, actor, input.id),
})

const recordCancel = verb({
  action: 'upload.cancel',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, telemetry }) {
    const { videoId } = await loadBegunUpload(tx, actor, input.id)
    await findVideo(tx, videoId, 'for update')
    const end = { status: 'cancelled' as const }
    if (await endSendableUpload(tx, input.id, end, moverOf(actor), ctx.now)) {
      telemetry.add('portal.upload.cancelled', {})
      await writeVideo(
        tx,
        videoId,
        { status: 'deleted', deletedAt: ctx.now, assetDeletedAt: ctx.now },
        'waiting',
      )
    }
    const { status } = await loadBegunUpload(tx, actor, input.id)
    if (status !== 'cancelled') throw new AppError('conflict', TOO_LATE)
    return {
      result: { id: input.id, status },
      change: { target: { type: 'upload', id: input.id }, details: { video_id: videoId } },
    }
  },
})

/**
 * Cancels an upload that has not arrived completely. The video service decides who came first, the last byte or the
 * cancel; where it was the byte, nothing is cancelled.
 * @throws AppError conflict where it is too late
 */
export const cancelUpload = flow({
  action: 'upload.cancel',
  input: uploadIdInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const upload = await app.call(readOwn, input, ctx)
    if (!(SENDABLE_UPLOADS as readonly string[]).includes(upload.status)) {
      if (upload.status === 'cancelled') return { id: upload.id, status: upload.status }
      throw new AppError('conflict', whyNot(upload.status))
    }
    if (upload.providerUploadId && !(await app.ports.video.cancelUpload(upload.providerUploadId))) {
      await app.call(
        settleUpload,
        { uploadId: upload.id },
        app.newContext({ kind: 'system', id: 'upload.cancel' }),
      )
      const { status } = await app.call(readOwn, input, ctx)
      if (status === 'cancelled') return { id: upload.id, status }
      throw new AppError('conflict', whyNot(status))
    }
    return await app.call(recordCancel, input, ctx)
  },
})

function whyNot(status: UploadStatus): string {
  return status === 'failed' || status === 'timed_out' ? 'This upload has failed already.' : TOO_LATE
}
