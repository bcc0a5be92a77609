import { stopVideoShares } from '#portal/modules/sharing/stop-video-shares.ts'
import { removeAsset } from '#portal/modules/uploads/remove-asset.ts'
import { endUpload } from '#portal/modules/uploads/store-upload.ts'
import { verb } from '#portal/platform/operation.ts'
import { videoIdInput } from './inputs.ts'
import { loadOwnVideo } from './queries.ts'
import { writeVideo } from './store-video.ts'

/**
 * Deletes a video: it and its links are gone at once, open players stop; a job has the service delete every byte and
 * repeats until that is confirmed.
 */
export const deleteVideo = verb({
  action: 'video.delete',
  input: videoIdInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, enqueue, telemetry }) {
    const video = await loadOwnVideo(tx, actor, input.id, 'for update')
    await writeVideo(tx, video.id, { status: 'deleted', deletedAt: ctx.now, error: null })
    if (await endUpload(tx, video.id, actor, ctx.now)) telemetry.add('portal.upload.cancelled', {})
    const endedShares = await stopVideoShares({ tx, ctx, actor, enqueue }, video.id)
    await enqueue(removeAsset, { videoId: video.id }, { key: `remove:${video.id}` })
    return {
      result: { id: video.id, status: 'deleted' as const, endedShares },
      change: {
        target: { type: 'video', id: video.id },
        details: { ended_shares: endedShares, was: video.status },
      },
    }
  },
})
