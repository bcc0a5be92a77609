import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { tellStaffUnconfirmed } from '#portal/modules/sharing/tell-staff.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { notify } from '#portal/platform/notices.ts'
import { verb } from '#portal/platform/operation.ts'
import { findVideo } from './store-video.ts'
import { retiredPlaybackIds, videos } from './tables.ts'

const orderInput = z.strictObject({
  videoId: z.string(),
  /** The one to take away: a video that has moved on from it already keeps its new one. */
  playbackId: z.string(),
  /** ID of what asks for it, for the log. */
  because: z.string(),
})
export type ReplacementOrder = z.output<typeof orderInput>

/** Tries, ten seconds together, after which people are told. */
const TELL_AFTER = 3

/** Swaps one playback ID for another, if the video still lies at the first. */
const recordReplacement = verb({
  action: 'video.replace-playback-id',
  input: orderInput.extend({ next: z.string() }),
  allow: { role: 'admin', system: true },
  async run({ tx, input, ctx }) {
    const [moved] = await tx
      .update(videos)
      .set({ playbackId: input.next })
      .where(
        and(eq(videos.id, input.videoId), eq(videos.playbackId, input.playbackId), isNull(videos.deletedAt)),
      )
      .returning({ assetId: videos.assetId })
    if (moved?.assetId) {
      const { videoId, playbackId } = input
      await tx
        .insert(retiredPlaybackIds)
        .values({ playbackId, assetId: moved.assetId, videoId, retiredAt: ctx.now })
        .onConflictDoNothing()
      await notify(tx, { topic: 'video.moved', body: { videoId } })
    }
    return {
      result: { moved: moved !== undefined },
      change: {
        target: { type: 'video', id: input.videoId },
        ...(moved ? {} : { outcome: 'failed' as const, reason: 'moved_before' }),
        details: { because: input.because },
      },
    }
  },
})

/** Orders a replacement in the caller's transaction: a process that dies before it has tried is followed by the job. */
export async function orderReplacement(tx: Tx, order: ReplacementOrder): Promise<void> {
  await enqueue(tx, finishReplacement, order, { key: `replace:${order.playbackId}`, inSeconds: 10 })
}

/**
 * Gives a video a new playback ID and has the video service delete the old one: whatever was signed for it opens
 * nothing any more. Open players of links that live on are told to ask for a new grant. What the service does not
 * confirm is repeated by the job that was ordered, which raises the alert `revoke-unconfirmed`. Never throws.
 */
export async function replacePlaybackId(
  app: App,
  ctx: Context,
  order: ReplacementOrder,
): Promise<{ confirmed: boolean }> {
  try {
    await replaceOnce(app, ctx, order)
    return { confirmed: true }
  } catch (error) {
    app.log.warn({ err: error, video: order.videoId }, 'playback ID not replaced yet; the job repeats it')
    return { confirmed: false }
  }
}

export const finishReplacement = job({
  name: 'videos.replace-playback-id',
  input: orderInput,
  maxAttempts: 25,
  async run({ app, ctx, input, attempt }) {
    try {
      await replaceOnce(app, ctx, input)
    } catch (error) {
      if (attempt >= TELL_AFTER)
        await app.ports.alerts.raise({
          key: `revoke-unconfirmed:${input.videoId}`,
          severity: 'critical',
          summary: 'An emergency revoke could not take a video away from its old playback ID yet',
          details: { attempts: attempt, video: input.videoId },
        })
      if (attempt === TELL_AFTER) await app.call(tellStaffUnconfirmed, { stopId: input.because }, ctx)
      throw error
    }
    await app.ports.alerts.resolve(`revoke-unconfirmed:${input.videoId}`)
  },
})

async function replaceOnce(app: App, ctx: Context, order: ReplacementOrder): Promise<void> {
  const { video } = app.ports
  const { videoId, playbackId } = order
  const found = await app.db.transaction((tx) => findVideo(tx, videoId))
  // A deleted video's asset goes as a whole, by a job of its own.
  if (!found?.assetId || found.deletedAt) return
  const { assetId } = found
  const retired = eq(retiredPlaybackIds.playbackId, playbackId)
  const [before] = await app.db.select().from(retiredPlaybackIds).where(retired)
  if (before?.deletedAt) return
  if (found.playbackId === playbackId) {
    const next = await video.createPlaybackId(assetId)
    const { moved } = await app.call(recordReplacement, { ...order, next }, ctx)
    if (!moved) await video.deletePlaybackId(assetId, next)
  }
  await video.deletePlaybackId(assetId, playbackId)
  await app.db
    .update(retiredPlaybackIds)
    .set({ deletedAt: app.clock() })
    .where(and(retired, isNull(retiredPlaybackIds.deletedAt)))
}
