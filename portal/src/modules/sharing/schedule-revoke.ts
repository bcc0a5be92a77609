import { and, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { memberFacts } from '#portal/modules/identity/identity-facts.ts'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { revokeShareInput, shareIdInput } from './inputs.ts'
import type { ShareRow } from './load-share.ts'
import { loadScopedShare } from './revoke-share.ts'
import { shares } from './tables.ts'
import { carryOutSchedule } from './watch-revocations.ts'

export const scheduleRevokeInput = revokeShareInput.extend({
  at: z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-12-01T17:00:00Z' }),
})

/**
 * Takes a link back at an instant. The link's expiry is moved there: the rules, every token and every open page end
 * then, whether or not the queue runs; the job only writes the reason down and ends the engine's sessions.
 */
export const scheduleRevoke = verb({
  action: 'share.schedule-revoke',
  input: scheduleRevokeInput,
  allow: { role: 'agency' },
  async run(scope) {
    const { tx, input, ctx, actor, enqueue } = scope
    const share = await loadScopedShare(tx, actor, input.id)
    const at = new Date(input.at)
    const before = share.expiresBeforeSchedule ?? share.expiresAt
    if (at <= ctx.now)
      throw new AppError('invalid', 'This time has passed. Revoke the link now instead.', {
        errors: [{ path: 'at', message: 'has passed' }],
      })
    if (at >= before) throw new AppError('conflict', 'The link ends before that by itself.')
    if (share.startsAt && at <= share.startsAt)
      throw new AppError('conflict', 'The link opens after that. Revoke it now instead.')
    await mustBeTheirs(scope, share)
    const [done] = await tx
      .update(shares)
      .set({
        expiresAt: at,
        scheduledReason: input.reason,
        scheduledBy: actor.id,
        expiresBeforeSchedule: before,
      })
      .where(asItWas(share, ctx.now))
      .returning({ id: shares.id })
    if (!done)
      throw new AppError('conflict', 'This link has ended, or was changed in the meantime. Look again.')
    await notify(tx, { topic: 'share.changed', body: { shareId: share.id } })
    await enqueue(carryOutSchedule, { id: share.id }, { runAt: at, key: `schedule:${share.id}` })
    return {
      result: { id: share.id, status: 'scheduled' as const, at: at.toISOString() },
      change: {
        target: { type: 'share', id: share.id },
        reason: input.reason,
        details: { video_id: share.videoId, at: at.toISOString() },
        ...(input.note ? { personal: { subject: actor.id, data: { note: input.note } } } : {}),
      },
    }
  },
})

/** Cancels a scheduled revoke that is not due yet: the link ends when it would have. */
export const cancelScheduledRevoke = verb({
  action: 'share.cancel-schedule',
  input: shareIdInput,
  allow: { role: 'agency' },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const share = await loadScopedShare(tx, actor, input.id)
    await mustBeTheirs(scope, share)
    const [done] = share.expiresBeforeSchedule
      ? await tx
          .update(shares)
          .set({
            expiresAt: share.expiresBeforeSchedule,
            scheduledReason: null,
            scheduledBy: null,
            expiresBeforeSchedule: null,
          })
          .where(and(isNotNull(shares.scheduledReason), asItWas(share, ctx.now)))
          .returning({ id: shares.id, expiresAt: shares.expiresAt })
      : []
    if (!done) throw new AppError('conflict', 'No revoke is scheduled for this link.')
    await notify(tx, { topic: 'share.changed', body: { shareId: share.id } })
    return {
      result: { id: share.id, status: 'cancelled' as const, expiresAt: done.expiresAt.toISOString() },
      change: { target: { type: 'share', id: share.id }, details: { video_id: share.videoId } },
    }
  },
})

/** Still live, with the end that was read: what staff scheduled, or somebody prolonged, in the meantime is not undone. */
const asItWas = (share: ShareRow, now: Date) =>
  and(
    eq(shares.id, share.id),
    isNull(shares.revokedAt),
    gt(shares.expiresAt, now),
    eq(shares.expiresAt, share.expiresAt),
    sql`${shares.scheduledBy} is not distinct from ${share.scheduledBy}`,
  )

/** What staff have scheduled, staff alone may move or cancel. */
async function mustBeTheirs(
  { tx, actor }: VerbScope<unknown>,
  share: { scheduledBy: string | null },
): Promise<void> {
  if (share.scheduledBy === null || actor.kind !== 'user' || actor.role === 'admin') return
  const [staff] = await tx
    .select({ id: memberFacts.userId })
    .from(memberFacts)
    .where(and(eq(memberFacts.userId, share.scheduledBy), eq(memberFacts.role, 'admin')))
  if (staff) throw new AppError('conflict', 'An administrator scheduled this. Ask them to change it.')
}
