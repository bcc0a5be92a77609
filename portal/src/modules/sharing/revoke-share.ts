import { and, eq } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import type { Actor, Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { revokeShareInput } from './inputs.ts'
import { moveVideos, orderMoves } from './move-videos.ts'
import type { PlaybackStop } from './order-stops.ts'
import { revokeShares } from './revoke-shares.ts'
import { confirmStop } from './stop-sessions.ts'
import { shares } from './tables.ts'

/** Reasons for which it is not enough that nothing new opens: what was signed before must open nothing either. */
const URGENT = new Set<string>(['security', 'incident'])

const recordRevoke = verb({
  action: 'share.revoke',
  input: revokeShareInput,
  allow: { role: 'agency' },
  async run(scope) {
    const { tx, input, actor } = scope
    const share = await loadScopedShare(tx, actor, input.id)
    const stopped = await revokeShares(scope, eq(shares.id, share.id), { reason: input.reason })
    if (stopped.shares.length === 0) throw new AppError('conflict', 'This link was revoked before.')
    if (URGENT.has(input.reason)) await orderMoves(scope, stopped.stops, share.id)
    return {
      result: stopped,
      change: {
        target: { type: 'share', id: share.id },
        reason: input.reason,
        details: { video_id: share.videoId, stopped_players: stopped.players },
        // A note may name people: it is kept under its writer's key.
        ...(input.note ? { personal: { subject: actor.id, data: { note: input.note } } } : {}),
      },
    }
  },
})

/**
 * Takes a link back: no new token, open players told at once, the engine's sessions ended in the same request.
 * A job repeats the last step until the video service has confirmed it. Where the reason is urgent and the service can't
 * end a playback, the video that somebody watched moves to a new place.
 */
export const revokeShare = flow({
  action: 'share.revoke',
  input: revokeShareInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const { stops, players } = await app.call(recordRevoke, input, ctx)
    const confirmed = await stopNow(app, stops)
    // The video may be watched by others' links too: it is the portal that moves it, not whoever revoked one of them.
    const portal: Context = { ...ctx, actor: { kind: 'system', id: 'share.revoke' } }
    const moved = URGENT.has(input.reason)
      ? await moveVideos(app, portal, stops, input.id)
      : { count: 0, confirmed: true }
    return {
      id: input.id,
      status: 'revoked' as const,
      stoppedPlayers: players,
      confirmed: confirmed && moved.confirmed,
      boundSeconds: moved.count > 0 && moved.confirmed ? 0 : app.ports.video.revocationBoundSeconds,
    }
  },
})

const AT_ONCE = 8

/** Tells the video service at once; false where it has not confirmed everything, which the jobs then repeat. */
export async function stopNow(app: App, stops: PlaybackStop[]): Promise<boolean> {
  const waiting = [...stops]
  let confirmed = true
  const work = async () => {
    for (let stop = waiting.shift(); stop; stop = waiting.shift()) {
      try {
        const { id: stopId, playbackId, claims } = stop
        await confirmStop(app, { stopId, playbackId, claims })
      } catch (error) {
        confirmed = false
        app.log.warn(
          { err: error, stop: stop.id },
          'revoke not confirmed by the video service yet; the job repeats it',
        )
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, stops.length) }, work))
  return confirmed
}

/** A share in the actor's reach: an agency's own, or any for an administrator; anything else does not exist. */
export async function loadScopedShare(tx: Tx, actor: Actor, id: string) {
  return found(await scopedShare(tx, actor, id))
}

/** The same, held till the end of the transaction: for whoever writes elsewhere by what the share says. */
export async function holdScopedShare(tx: Tx, actor: Actor, id: string) {
  return found(await scopedShare(tx, actor, id).for('no key update'))
}

function scopedShare(tx: Tx, actor: Actor, id: string) {
  const own =
    actor.kind === 'user' && actor.role !== 'admin'
      ? eq(shares.organisationId, actor.organisationId)
      : undefined
  return tx
    .select()
    .from(shares)
    .where(and(eq(shares.id, id), own))
}

function found<Row>([share]: Row[]): Row {
  if (!share) throw new AppError('not_found')
  return share
}
