import { and, eq, gt, isNull, ne, sql } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { POLICY_CHANGED } from './follow-policy.ts'
import { idInput } from './inputs.ts'
import { MOST_LIVE } from './live-overrides.ts'
import { limitOverrides } from './tables.ts'

const DECIDERS = { role: 'admin' as const, groups: ['security' as const, 'operations' as const] }

/** A second person agrees: the override holds on every node at once, and ends by itself. */
export const approveOverride = verb({
  action: 'limit.approve-override',
  input: idInput,
  allow: DECIDERS,
  run: (scope) => decide(scope, 'approved'),
})

/** A second person says no; nothing was ever lifted. */
export const declineOverride = verb({
  action: 'limit.decline-override',
  input: idInput,
  allow: DECIDERS,
  run: (scope) => decide(scope, 'declined'),
})

async function decide(
  { tx, input, ctx, actor }: VerbScope<{ id: string }>,
  decision: 'approved' | 'declined',
) {
  const [asked] = await tx.select().from(limitOverrides).where(eq(limitOverrides.id, input.id))
  if (!asked) throw new AppError('not_found', 'Nobody asked for this.')
  const isForThem = asked.subjectKind === 'user' && asked.subjectId === actor.id
  if (asked.askedBy === actor.id || isForThem)
    throw new AppError('conflict', 'A second person decides: neither who asked nor whom it is for.')
  if (decision === 'approved') await mustHaveRoom(tx, ctx.now)
  const [decided] = await tx
    .update(limitOverrides)
    .set({ decision, decidedBy: actor.id, decidedAt: ctx.now })
    .where(
      and(
        eq(limitOverrides.id, input.id),
        isNull(limitOverrides.decision),
        isNull(limitOverrides.endedAt),
        ne(limitOverrides.askedBy, actor.id),
        gt(limitOverrides.expiresAt, ctx.now),
      ),
    )
    .returning({ id: limitOverrides.id })
  if (!decided)
    throw new AppError('conflict', 'This was decided already, was withdrawn, or its time is over.')
  await notify(tx, { topic: POLICY_CHANGED, body: {} })
  return {
    result: { id: decided.id, status: decision, expiresAt: asked.expiresAt.toISOString() },
    change: {
      target: { type: 'limit_override', id: decided.id },
      details: {
        ...{ class: asked.limitClass, subject_kind: asked.subjectKind, subject_id: asked.subjectId },
        ...{ quota: asked.quota, expires_at: asked.expiresAt.toISOString() },
      },
    },
  }
}

async function mustHaveRoom(tx: VerbScope<unknown>['tx'], now: Date): Promise<void> {
  const [live] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(limitOverrides)
    .where(
      and(
        eq(limitOverrides.decision, 'approved'),
        isNull(limitOverrides.endedAt),
        gt(limitOverrides.expiresAt, now),
      ),
    )
  if ((live?.count ?? 0) >= MOST_LIVE)
    throw new AppError('conflict', `${MOST_LIVE} limits are lifted already: set the limit itself instead.`)
}

/** Ends an override before its time, or withdraws the question: whoever asked, or staff. */
export const endOverride = verb({
  action: 'limit.end-override',
  input: idInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor }) {
    const isStaff = actor.kind === 'command' || (actor.kind === 'user' && actor.role === 'admin')
    const [ended] = await tx
      .update(limitOverrides)
      .set({ endedAt: ctx.now, endedBy: actor.id })
      .where(
        and(
          eq(limitOverrides.id, input.id),
          isNull(limitOverrides.endedAt),
          gt(limitOverrides.expiresAt, ctx.now),
          ...(isStaff ? [] : [eq(limitOverrides.askedBy, actor.id)]),
        ),
      )
      .returning({ id: limitOverrides.id })
    if (!ended) throw new AppError('not_found', 'This does not run, or is not yours to end.')
    await notify(tx, { topic: POLICY_CHANGED, body: {} })
    return {
      result: { id: ended.id, status: 'ended' as const },
      change: { target: { type: 'limit_override', id: ended.id } },
    }
  },
})
