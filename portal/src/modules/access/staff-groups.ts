import { and, eq, gte, isNull, sql } from 'drizzle-orm'
import { addToGroup, listStaff, removeFromGroup } from '#portal/modules/identity/staff-groups.ts'
import type { StaffGroup } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read, type VerbScope, verb } from '#portal/platform/operation.ts'
import { decideGrantInput, nothingInput, staffGroupInput } from './inputs.ts'
import { staffReviewItems, staffReviews } from './tables.ts'

const SECURITY = { role: 'admin' as const, groups: ['security' as const] }
const REVIEWERS = { role: 'admin' as const, groups: ['security' as const, 'compliance' as const] }

/** Every administrator with the staff groups they are in. */
export const listStaffGroups = read({
  action: 'staff.list',
  input: nothingInput,
  allow: { role: 'admin' },
  run: ({ db }) => listStaff(db),
})

/** Puts another administrator into a staff group; nobody grants to themselves. */
export const grantGroup = verb({
  action: 'staff.grant',
  input: staffGroupInput,
  allow: { ...SECURITY, fresh: true },
  async run(scope) {
    const { tx, input } = scope
    notOneself(scope, input.userId)
    if (!(await addToGroup(tx, input.userId, input.group)))
      throw new AppError('conflict', 'They are in this group already, or are no active administrator.')
    return changeOf(scope)
  },
})

/** Takes another administrator out of a staff group, at once. */
export const endGroup = verb({
  action: 'staff.end',
  input: staffGroupInput,
  allow: SECURITY,
  async run(scope) {
    const { tx, input } = scope
    notOneself(scope, input.userId)
    if (!(await removeFromGroup(tx, input.userId, input.group)))
      throw new AppError('not_found', 'They are not in this group.')
    return changeOf(scope)
  },
})

function changeOf({ input, actor }: VerbScope<{ userId: string; group: StaffGroup; reason: string }>) {
  return {
    result: { userId: input.userId, group: input.group },
    change: {
      target: { type: 'user', id: input.userId },
      details: { group: input.group },
      personal: { subject: actor.id, data: { reason: input.reason } },
    },
  }
}

function notOneself({ actor }: Pick<VerbScope<unknown>, 'actor'>, userId: string): void {
  if (actor.id === userId)
    throw new AppError('conflict', 'A second person decides about your groups: ask somebody in security.')
}

/** Reviews of the last year with what was decided on each grant. */
export const listStaffReviews = read({
  action: 'staff.list-reviews',
  input: nothingInput,
  allow: REVIEWERS,
  async run({ db, ctx }) {
    const since = new Date(ctx.now.getTime() - 366 * 86_400_000)
    const reviews = await db.select().from(staffReviews).where(gte(staffReviews.openedAt, since))
    const items = await db.select().from(staffReviewItems)
    const people = new Map((await listStaff(db)).map((person) => [person.id, person]))
    return reviews
      .sort((one, other) => other.openedAt.getTime() - one.openedAt.getTime())
      .map((review) => ({
        id: review.id,
        quarter: review.quarter,
        dueAt: review.dueAt.toISOString(),
        overdue: review.closedAt === null && review.dueAt <= ctx.now,
        closedAt: review.closedAt?.toISOString() ?? null,
        items: items
          .filter((item) => item.reviewId === review.id)
          .map((item) => ({
            userId: item.userId,
            name: people.get(item.userId)?.name ?? null,
            group: item.staffGroup,
            decision: item.decision,
            evidence: item.evidence,
            decidedBy: item.decidedBy,
            decidedByName: people.get(item.decidedBy ?? '')?.name ?? null,
            decidedAt: item.decidedAt?.toISOString() ?? null,
          })),
      }))
  },
})

/** Keeps or ends one grant under review, with what that rests on; the last decision closes the review. */
export const decideGrant = verb({
  action: 'staff.review',
  input: decideGrantInput,
  allow: REVIEWERS,
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    notOneself(scope, input.userId)
    const { decision, evidence } = input
    const [item] = await tx
      .update(staffReviewItems)
      .set({ decision, evidence, decidedBy: actor.id, decidedAt: ctx.now })
      .where(
        and(
          eq(staffReviewItems.reviewId, input.reviewId),
          eq(staffReviewItems.userId, input.userId),
          eq(staffReviewItems.staffGroup, input.group),
          isNull(staffReviewItems.decision),
        ),
      )
      .returning()
    if (!item) throw new AppError('not_found', 'This grant is not under review, or was decided already.')
    if (decision === 'revoke') await removeFromGroup(tx, input.userId, input.group)
    const open = sql`exists (select from staff_review_items where review_id = ${input.reviewId} and decision is null)`
    const closed = await tx
      .update(staffReviews)
      .set({ closedAt: ctx.now })
      .where(and(eq(staffReviews.id, input.reviewId), isNull(staffReviews.closedAt), sql`not ${open}`))
      .returning({ id: staffReviews.id })
    return {
      result: { decision, closed: closed.length === 1 },
      change: {
        target: { type: 'user', id: input.userId },
        reason: decision,
        details: { review_id: input.reviewId, group: input.group, review_closed: closed.length === 1 },
        personal: { subject: actor.id, data: { evidence } },
      },
    }
  },
})
