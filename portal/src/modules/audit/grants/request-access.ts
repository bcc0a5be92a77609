import { and, eq, gt, isNull, ne } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { idInput, requestLogAccessInput } from '../inputs.ts'
import { HOUR_MS, LOG_ACCESS_ASK_HOURS } from '../rules.ts'
import { closeLogAccess, tellLogAccess } from './access-jobs.ts'
import { logGrants } from './tables.ts'

/** Who may agree to somebody else's reading of the log. */
export const DECIDERS = { role: 'admin' as const, groups: ['security' as const, 'compliance' as const] }

/** Asks to read the log for a while. Nothing is given before a second person agrees. */
export const requestLogAccess = verb({
  action: 'audit-access.request',
  input: requestLogAccessInput,
  allow: { role: 'admin' },
  async run({ tx, input, ctx, actor, enqueue }) {
    const open = await tx
      .select({ id: logGrants.id })
      .from(logGrants)
      .where(and(eq(logGrants.userId, actor.id), stillAsked(ctx.now)))
      .limit(1)
    if (open.length > 0) throw new AppError('conflict', 'You have asked already: a second person decides.')
    const id = ctx.newId('lga')
    const { hours, reason } = input
    await tx
      .insert(logGrants)
      .values({ id, userId: actor.id, origin: 'asked', reason, hours, askedAt: ctx.now })
    await enqueue(tellLogAccess, { id, what: 'asked' })
    return {
      result: { id, status: 'pending' as const },
      change: {
        target: { type: 'log_grant', id },
        details: { hours },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})

/** A second person agrees: reading begins now, and ends by itself. */
export const approveLogAccess = verb({
  action: 'audit-access.approve',
  input: idInput,
  allow: { ...DECIDERS, fresh: true },
  run: (scope) => decide(scope, 'approved'),
})

/** A second person says no; nothing was ever given. */
export const declineLogAccess = verb({
  action: 'audit-access.decline',
  input: idInput,
  allow: DECIDERS,
  run: (scope) => decide(scope, 'declined'),
})

async function decide(scope: VerbScope<{ id: string }>, decision: 'approved' | 'declined') {
  const { tx, input, ctx, actor, enqueue } = scope
  const [asked] = await tx.select().from(logGrants).where(eq(logGrants.id, input.id))
  if (!asked) throw new AppError('not_found', 'Nobody asked for this.')
  if (asked.userId === actor.id)
    throw new AppError('conflict', 'A second person decides: somebody other than who asked.')
  const endsAt = decision === 'approved' ? new Date(ctx.now.getTime() + asked.hours * HOUR_MS) : null
  const [decided] = await tx
    .update(logGrants)
    .set({ decision, decidedBy: actor.id, decidedAt: ctx.now, endsAt })
    .where(and(eq(logGrants.id, input.id), ne(logGrants.userId, actor.id), stillAsked(ctx.now)))
    .returning({ id: logGrants.id })
  if (!decided)
    throw new AppError('conflict', 'This was decided already, or was asked more than three days ago.')
  await enqueue(tellLogAccess, { id: decided.id, what: decision })
  if (endsAt) await enqueue(closeLogAccess, { id: decided.id }, { runAt: endsAt })
  return {
    result: { id: decided.id, status: decision, endsAt: endsAt?.toISOString() ?? null },
    change: {
      target: { type: 'log_grant', id: decided.id },
      details: { user_id: asked.userId, ends_at: endsAt?.toISOString() ?? null },
    },
  }
}

function stillAsked(now: Date) {
  const since = new Date(now.getTime() - LOG_ACCESS_ASK_HOURS * HOUR_MS)
  return and(isNull(logGrants.decision), gt(logGrants.askedAt, since))
}

/** Ends a grant before its time: its holder's own, or anybody's by those who decide. */
export const endLogAccess = verb({
  action: 'audit-access.end',
  input: idInput,
  allow: { role: 'admin' },
  async run({ tx, input, ctx, actor, enqueue }) {
    const decides =
      actor.kind !== 'user' || actor.groups.some((group) => DECIDERS.groups.includes(group as never))
    const [ended] = await tx
      .update(logGrants)
      .set({ endsAt: ctx.now, endedBy: actor.id, closedAt: ctx.now })
      .where(
        and(
          eq(logGrants.id, input.id),
          gt(logGrants.endsAt, ctx.now),
          decides ? undefined : eq(logGrants.userId, actor.id),
        ),
      )
      .returning({ id: logGrants.id, userId: logGrants.userId })
    if (!ended) throw new AppError('not_found', 'This access does not run, or is not yours to end.')
    await enqueue(closeLogAccess, { id: ended.id })
    return {
      result: { id: ended.id, status: 'ended' as const },
      change: { target: { type: 'log_grant', id: ended.id }, details: { user_id: ended.userId } },
    }
  },
})
