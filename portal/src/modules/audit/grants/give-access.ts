import { and, eq, sql } from 'drizzle-orm'
import { memberFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { listStaff } from '#portal/modules/identity/staff-groups.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError, isAppError } from '#portal/platform/errors.ts'
import { flow, type VerbScope, verb } from '#portal/platform/operation.ts'
import { giveLogAccessInput, nothingInput } from '../inputs.ts'
import { HOUR_MS, LOG_ACCESS_MAX_HOURS } from '../rules.ts'
import { closeLogAccess, commandAlert } from './access-jobs.ts'
import { logGrants } from './tables.ts'

/**
 * The grant that a fresh installation begins with: nobody could agree to the first one. Once ever, for an
 * administrator in security or compliance.
 * @throws AppError conflict where there was a grant before, or there is nobody to have it
 */
export const giveFirstLogAccess = verb({
  action: 'audit-access.first',
  input: nothingInput,
  allow: { system: true },
  async run(scope) {
    const [before] = await scope.tx.select({ id: logGrants.id }).from(logGrants).limit(1)
    const staff = before ? [] : await listStaff(scope.tx)
    const holder = staff.find(({ groups }) => groups.includes('security') || groups.includes('compliance'))
    if (!holder) throw new AppError('conflict')
    const reason = 'First grant of this installation'
    return await give(scope, { userId: holder.id, origin: 'first', hours: LOG_ACCESS_MAX_HOURS, reason })
  },
})

/** At every start and each day: gives the first grant where none ever was. */
export async function ensureFirstLogAccess(app: App, ctx: Context): Promise<void> {
  const [any] = await app.db.select({ id: logGrants.id }).from(logGrants).limit(1)
  if (any) return
  try {
    await app.call(giveFirstLogAccess, {}, ctx)
  } catch (error) {
    if (!isAppError(error) || error.code !== 'conflict') throw error
  }
}

const giveOnMachine = verb({
  action: 'audit-access.give',
  input: giveLogAccessInput,
  allow: { system: true },
  async run(scope) {
    const { tx, input } = scope
    const [holder] = await tx
      .select({ id: personFacts.id })
      .from(personFacts)
      .innerJoin(memberFacts, eq(memberFacts.userId, personFacts.id))
      .where(and(eq(sql`lower(${personFacts.email})`, input.email), eq(memberFacts.role, 'admin')))
    if (!holder) throw new AppError('not_found', 'No active administrator has this address.')
    const { hours, reason } = input
    return await give(scope, { userId: holder.id, origin: 'command', hours, reason })
  },
})

/** On the machine alone, for whoever has no second person: it is in the log, and everybody is told by an alert. */
export const giveLogAccess = flow({
  action: 'audit-access.give',
  input: giveLogAccessInput,
  allow: { system: true },
  async run({ app, input, ctx }) {
    const given = await app.call(giveOnMachine, input, ctx)
    await app.ports.alerts.raise({
      key: commandAlert(given.id),
      severity: 'critical',
      summary: 'Access to the audit log was given on the machine, without a second person.',
      details: { grant: given.id, until: given.endsAt },
    })
    return given
  },
})

type Given = { userId: string; origin: 'first' | 'command'; hours: number; reason: string }

async function give({ tx, ctx, actor, enqueue }: VerbScope<unknown>, given: Given) {
  const id = ctx.newId('lga')
  const endsAt = new Date(ctx.now.getTime() + given.hours * HOUR_MS)
  const inserted = await tx
    .insert(logGrants)
    .values({
      ...{ id, ...given, askedAt: ctx.now, decision: 'approved' },
      ...{ decidedBy: actor.id, decidedAt: ctx.now, endsAt },
    })
    .onConflictDoNothing()
    .returning({ id: logGrants.id })
  if (inserted.length === 0) throw new AppError('conflict')
  await enqueue(closeLogAccess, { id }, { runAt: endsAt })
  return {
    result: { id, endsAt: endsAt.toISOString() },
    change: {
      target: { type: 'log_grant', id },
      reason: given.origin,
      details: { user_id: given.userId, hours: given.hours, ends_at: endsAt.toISOString() },
      personal: { subject: given.userId, data: { reason: given.reason } },
    },
  }
}
