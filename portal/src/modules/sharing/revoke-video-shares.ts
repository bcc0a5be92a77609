import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { loadOwnVideo } from '#portal/modules/videos/queries.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import { revokeShareInput } from './inputs.ts'
import type { PlaybackStop } from './order-stops.ts'
import { stopNow } from './revoke-share.ts'
import { revokeShares } from './revoke-shares.ts'
import { isWatched } from './share-state.ts'
import { shares } from './tables.ts'

const ONE_BATCH = 200

export const revokeVideoSharesInput = revokeShareInput
  .omit({ id: true })
  .extend({ videoId: z.string().max(64) })

const recordBatch = verb({
  action: 'video.revoke-shares',
  input: revokeVideoSharesInput.extend({ watched: z.boolean() }),
  allow: { role: 'agency' },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const video = await loadOwnVideo(tx, actor, input.videoId)
    const all = eq(shares.videoId, video.id)
    const stopped = await revokeShares(scope, input.watched ? and(all, isWatched(ctx.now)) : all, {
      reason: input.reason,
      limit: ONE_BATCH,
    })
    const change: Change = {
      target: { type: 'video', id: video.id },
      reason: input.reason,
      details: { shares: stopped.shares.length, stopped_players: stopped.players },
      ...(input.note ? { personal: { subject: actor.id, data: { note: input.note } } } : {}),
    }
    const also = stopped.shares.map(({ id }) => ({
      target: { type: 'share', id },
      reason: input.reason,
      details: { video_id: video.id },
    }))
    return { result: stopped, change, also }
  },
})

/**
 * Takes back every link of a video of one's own organisation, at once and without a second person: each of them could
 * be taken back alone by the same person. What is being watched goes first.
 */
export const revokeVideoShares = flow({
  action: 'video.revoke-shares',
  input: revokeVideoSharesInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const total = { shares: 0, players: 0 }
    const stops: PlaybackStop[] = []
    for (const watched of [true, false]) {
      for (let more = true; more; ) {
        const batch = await app.call(recordBatch, { ...input, watched }, { ...ctx, now: app.clock() })
        total.shares += batch.shares.length
        total.players += batch.players
        stops.push(...batch.stops)
        more = batch.shares.length === ONE_BATCH
      }
    }
    const { revocationBoundSeconds: boundSeconds } = app.ports.video
    return {
      id: input.videoId,
      status: 'revoked' as const,
      ...total,
      confirmed: await stopNow(app, stops),
      boundSeconds,
    }
  },
})
