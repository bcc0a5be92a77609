import { and, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { listStaff } from '#portal/modules/identity/staff-groups.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { quarterOf } from '#portal/platform/quarter.ts'
import { emergencyGrants, staffReviewItems, staffReviews } from './tables.ts'

const DAY_MS = 86_400_000
const REVIEW_DAYS = 30
const EMERGENCY_REVIEW_DAYS = 3

/** Opens the quarter's review over all grants as they are; nothing where it was opened before. */
export const openStaffReview = verb({
  action: 'staff.open-review',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ tx, ctx }) {
    const quarter = quarterOf(ctx.now)
    const dueAt = new Date(ctx.now.getTime() + REVIEW_DAYS * DAY_MS)
    const [opened] = await tx
      .insert(staffReviews)
      .values({ id: ctx.newId('stf'), quarter, openedAt: ctx.now, dueAt })
      .onConflictDoNothing({ target: staffReviews.quarter })
      .returning()
    const grants = opened ? await fill(tx, opened.id) : 0
    return {
      result: { opened: opened !== undefined, grants },
      change: {
        target: { type: 'staff_review', id: quarter },
        reason: opened ? null : 'opened_before',
        details: { grants },
      } as { target: { type: string; id: string }; reason?: string; details: { grants: number } },
    }
  },
})

async function fill(tx: Tx, reviewId: string): Promise<number> {
  const items = (await listStaff(tx)).flatMap(({ id: userId, groups }) =>
    groups.map((staffGroup) => ({ reviewId, userId, staffGroup })),
  )
  if (items.length > 0) await tx.insert(staffReviewItems).values(items)
  // Without any grant there is nothing to look at.
  else await tx.update(staffReviews).set({ closedAt: sql`opened_at` }).where(eq(staffReviews.id, reviewId))
  return items.length
}

/** Each day: opens the quarter's review, and says aloud which review is overdue. */
export const tendReviews = job({
  name: 'access.reviews',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '7 5 * * *',
  async run({ app, ctx }) {
    const [known] = await app.db
      .select({ id: staffReviews.id })
      .from(staffReviews)
      .where(eq(staffReviews.quarter, quarterOf(ctx.now)))
    if (!known) await app.call(openStaffReview, {}, ctx)
    await sayOverdue(app, ctx)
  },
})

async function sayOverdue(app: App, ctx: Context): Promise<void> {
  const staff = await app.db
    .select({ quarter: staffReviews.quarter })
    .from(staffReviews)
    .where(and(isNull(staffReviews.closedAt), lt(staffReviews.dueAt, ctx.now)))
  await raiseOrResolve(
    app,
    'staff-review-overdue',
    staff.length,
    'The quarterly review of staff groups is overdue.',
  )
  const emergencies = await app.db
    .select({ id: emergencyGrants.id })
    .from(emergencyGrants)
    .where(
      and(
        isNotNull(emergencyGrants.endsAt),
        isNull(emergencyGrants.reviewedAt),
        lt(emergencyGrants.endsAt, new Date(ctx.now.getTime() - EMERGENCY_REVIEW_DAYS * DAY_MS)),
      ),
    )
  const told = 'An emergency access that ended waits for its review by a third person.'
  await raiseOrResolve(app, 'emergency-review-overdue', emergencies.length, told)
}

async function raiseOrResolve(app: App, key: string, waiting: number, summary: string): Promise<void> {
  if (waiting === 0) return await app.ports.alerts.resolve(key)
  await app.ports.alerts.raise({ key, severity: 'warning', summary, details: { waiting } })
}
