import { and, eq, isNull } from 'drizzle-orm'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { revokeShareInput } from './inputs.ts'
import { stopSessions } from './stop-sessions.ts'
import { shares, viewerSessions } from './tables.ts'

/** Why an open player goes black; told to those who were watching. */
export type StopReason = 'revoked' | 'expired' | 'video_deleted'

export type StoppedPlayback = { playbackId: string | null; claims: string[] }

const recordRevoke = verb({
  action: 'share.revoke',
  input: revokeShareInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, enqueue }) {
    const share = await loadScopedShare(tx, actor, input.id)
    // Takes the share's row lock: a first view in flight commits before, and is then among those that are stopped.
    const [revoked] = await tx
      .update(shares)
      .set({ revokedAt: ctx.now, revokeReason: input.reason, revokedBy: actor.id })
      .where(and(eq(shares.id, share.id), isNull(shares.revokedAt)))
      .returning({ id: shares.id })
    if (!revoked) throw new AppError('conflict', 'This link was revoked before.')
    const stopped = await endViewers(tx, share, 'revoked', ctx.now)
    if (stopped.playbackId && stopped.claims.length > 0) {
      await enqueue(
        stopSessions,
        { playbackId: stopped.playbackId, claims: stopped.claims },
        { key: `stop:${share.id}` },
      )
    }
    return {
      result: stopped,
      change: {
        target: { type: 'share', id: share.id },
        reason: input.reason,
        details: { video_id: share.videoId, stopped_players: stopped.claims.length },
        // A note may name people: it is kept under its writer's key.
        ...(input.note ? { personal: { subject: actor.id, data: { note: input.note } } } : {}),
      },
    }
  },
})

/**
 * Takes a link back: no new token, open players told at once, the engine's sessions ended in the same request.
 * A job repeats the last step until the video service has confirmed it.
 */
export const revokeShare = flow({
  action: 'share.revoke',
  input: revokeShareInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const { playbackId, claims } = await app.call(recordRevoke, input, ctx)
    let confirmed = true
    if (playbackId && claims.length > 0) {
      try {
        await app.ports.video.revokeSessions(playbackId, claims)
      } catch (error) {
        confirmed = false
        app.log.warn(
          { err: error, share: input.id },
          'revoke not confirmed by the video service yet; the job repeats it',
        )
      }
    }
    return {
      id: input.id,
      status: 'revoked' as const,
      stoppedPlayers: claims.length,
      confirmed,
      boundSeconds: app.ports.video.revocationBoundSeconds,
    }
  },
})

/** Ends every viewer session of a share and tells the pages that are open. */
export async function endViewers(
  tx: Tx,
  share: { id: string; videoId: string },
  reason: StopReason,
  now: Date,
): Promise<StoppedPlayback> {
  const ended = await tx
    .update(viewerSessions)
    .set({ endedAt: now })
    .where(and(eq(viewerSessions.shareId, share.id), isNull(viewerSessions.endedAt)))
    .returning({ claim: viewerSessions.playbackClaim, tokenExpiresAt: viewerSessions.tokenExpiresAt })
  const [video] = await tx
    .select({ playbackId: videoFacts.playbackId })
    .from(videoFacts)
    .where(eq(videoFacts.id, share.videoId))
  await notify(tx, { topic: 'share.stopped', body: { shareId: share.id, reason } })
  return {
    playbackId: video?.playbackId ?? null,
    claims: ended
      .filter((row) => row.tokenExpiresAt !== null && row.tokenExpiresAt > now)
      .map((row) => row.claim),
  }
}

/** A share in the actor's reach: an agency's own, or any for an administrator; anything else does not exist. */
export async function loadScopedShare(tx: Tx, actor: Actor, id: string) {
  const own =
    actor.kind === 'user' && actor.role !== 'admin'
      ? eq(shares.organisationId, actor.organisationId)
      : undefined
  const [share] = await tx
    .select()
    .from(shares)
    .where(and(eq(shares.id, id), own))
  if (!share) throw new AppError('not_found')
  return share
}
