import { z } from 'zod'
import type { VideoPort } from '#portal/adapters/video/port.ts'
import { findVideo, writeVideo } from '#portal/modules/videos/store-video.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { checksumAlert } from './settle-upload.ts'
import { findUpload } from './store-upload.ts'

const input = z.strictObject({ videoId: z.string() })

/** The service has confirmed that it holds nothing of this video any more. */
const recordRemoval = verb({
  action: 'video.remove',
  input: input.extend({ hadAsset: z.boolean() }),
  allow: { system: true },
  async run({ tx, input, ctx }) {
    await writeVideo(tx, input.videoId, { assetDeletedAt: ctx.now }, 'deleted')
    return {
      result: null,
      change: { target: { type: 'video', id: input.videoId }, details: { had_asset: input.hadAsset } },
    }
  },
})

const ALERT_FROM_ATTEMPT = 4

/** Has the video service delete a deleted video's bytes, whatever state its upload is in, until it has confirmed that. */
export const removeAsset = job({
  name: 'videos.remove-asset',
  input,
  maxAttempts: 20,
  async run({ app, input, ctx, attempt }) {
    const found = await app.db.transaction(async (tx) => {
      const video = await findVideo(tx, input.videoId)
      return video && { video, upload: await findUpload(tx, { videoId: video.id }) }
    })
    if (found?.video.status !== 'deleted' || found.video.assetDeletedAt) return
    if (found.video.provider !== app.ports.video.provider) return
    const key = `videos.remove-asset:${input.videoId}`
    try {
      const assetId =
        found.video.assetId ?? (await assetOf(app.ports.video, found.upload?.providerUploadId ?? null))
      if (assetId) await app.ports.video.deleteAsset(assetId)
      await app.call(recordRemoval, { ...input, hadAsset: assetId !== null }, ctx)
    } catch (error) {
      if (attempt >= ALERT_FROM_ATTEMPT) {
        const summary =
          'A deleted video still lies at the video service, which does not confirm its deletion.'
        await app.ports.alerts.raise({
          key,
          severity: 'critical',
          summary,
          details: { video_id: input.videoId, attempts: attempt },
        })
      }
      throw error
    }
    if (attempt >= ALERT_FROM_ATTEMPT) await app.ports.alerts.resolve(key)
    if (found.upload?.checksum === 'differs') await app.ports.alerts.resolve(checksumAlert(found.upload.id))
  },
})

// An upload that is under way is cancelled; where its last byte came first, the asset made of it is what must go.
async function assetOf(port: VideoPort, providerUploadId: string | null): Promise<string | null> {
  if (!providerUploadId || (await port.cancelUpload(providerUploadId))) return null
  return (await port.getUpload(providerUploadId))?.assetId ?? null
}
