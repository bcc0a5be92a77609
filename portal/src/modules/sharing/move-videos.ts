import { orderReplacement, replacePlaybackId } from '#portal/modules/videos/replace-playback-id.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import type { PlaybackStop } from './order-stops.ts'

/** Orders, in the caller's transaction, that these videos leave their place where the service can't end a playback. */
export async function orderMoves(
  { tx, settings }: { tx: Tx; settings: Settings },
  stops: PlaybackStop[],
  because: string,
): Promise<void> {
  if (settings.videoProvider !== 'mux') return
  for (const { videoId, playbackId } of stops) await orderReplacement(tx, { videoId, playbackId, because })
}

/** On a service that can't end a playback, takes the place away at which each of these videos lies. */
export async function moveVideos(
  app: App,
  ctx: Context,
  stops: PlaybackStop[],
  because: string,
): Promise<{ count: number; confirmed: boolean }> {
  if (app.ports.video.revocationBoundSeconds === 0) return { count: 0, confirmed: true }
  let confirmed = true
  const places = new Map(stops.map(({ videoId, playbackId }) => [videoId, playbackId]))
  for (const [videoId, playbackId] of places) {
    const replaced = await replacePlaybackId(app, ctx, { videoId, playbackId, because })
    confirmed &&= replaced.confirmed
  }
  return { count: places.size, confirmed }
}
