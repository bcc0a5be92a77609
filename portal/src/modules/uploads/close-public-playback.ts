import { z } from 'zod'
import type { SeenAsset } from '#portal/modules/videos/rules.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'

const recordClosing = verb({
  action: 'playback.close-public',
  input: z.strictObject({ videoId: z.string(), count: z.int() }),
  allow: { system: true },
  run: async ({ input }) => ({
    result: null,
    change: {
      target: { type: 'video', id: input.videoId },
      reason: 'public_playback_policy',
      details: { playback_ids: input.count },
    },
  }),
})

/**
 * No playback without a token, whatever happens at the service: playback IDs that need none are deleted and raise a
 * critical alert; an asset left without one gets a signed one. Returns the asset as it is then.
 */
export async function closePublicPlayback(
  app: App,
  ctx: Context,
  video: { id: string; playbackId: string | null },
  asset: SeenAsset,
): Promise<SeenAsset> {
  if (asset === null || asset === 'gone') return asset
  const { video: port, alerts, errors } = app.ports
  if (asset.publicPlaybackIds.length > 0) {
    for (const playbackId of asset.publicPlaybackIds) await port.deletePlaybackId(asset.id, playbackId)
    await app.call(recordClosing, { videoId: video.id, count: asset.publicPlaybackIds.length }, ctx)
    await alerts.raise({
      key: `playback.public:${video.id}`,
      severity: 'critical',
      summary: 'A video could be played without a token. Its public playback IDs have been deleted.',
      details: { video_id: video.id, playback_ids: asset.publicPlaybackIds.length },
    })
    await errors.report(new AppError('internal', 'a public playback ID was found and deleted'), {
      video_id: video.id,
    })
  }
  const usable = asset.status !== 'errored' && !asset.playbackId && !video.playbackId
  const playbackId = usable ? await port.createPlaybackId(asset.id) : asset.playbackId
  return { ...asset, publicPlaybackIds: [], playbackId }
}
