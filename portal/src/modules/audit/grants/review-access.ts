import { and, asc, desc, eq, gt, gte, isNull, sql } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { csvLine } from '#portal/platform/csv.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { quarterOf } from '#portal/platform/quarter.ts'
import type { LogReview, LogReviewItem } from '../answers.ts'
import { idInput, nothingInput, reviewLogAccessInput } from '../inputs.ts'
import { DAY_MS } from '../rules.ts'
import { closeLogAccess } from './access-jobs.ts'
import { namesOf } from './list-access.ts'
import { DECIDERS } from './request-access.ts'
import { logGrants, logReviewItems, logReviews } from './tables.ts'

const REVIEW_DAYS = 30

/** Opens the quarter's review over each grant that none has looked at, and each that runs. */
export const openLogReview = verb({
  action: 'audit-access.open-review',
  input: nothingInput,
  allow: { system: true },
  async run({ tx, ctx }) {
    const quarter = quarterOf(ctx.now)
    const id = ctx.newId('lrv')
    const dueAt = new Date(ctx.now.getTime() + REVIEW_DAYS * DAY_MS)
    const opened = await tx
      .insert(logReviews)
      .values({ id, quarter, openedAt: ctx.now, dueAt, remindedAt: ctx.now })
      .onConflictDoNothing({ target: logReviews.quarter })
      .returning({ id: logReviews.id })
    if (opened.length === 0) throw new AppError('conflict', 'This quarter’s review was opened before.')
    const filled = await tx.execute(sql`insert into log_review_items (review_id, grant_id)
      select ${id}, id from log_grants where decision = 'approved' and (ends_at > ${ctx.now.toISOString()}
        or not exists (select from log_review_items item where item.grant_id = log_grants.id))`)
    const grants = filled.rowCount ?? 0
    // Where nobody read the log there is nothing to decide.
    if (grants === 0) await tx.update(logReviews).set({ closedAt: ctx.now }).where(eq(logReviews.id, id))
    return {
      result: { id, quarter, grants },
      change: { target: { type: 'log_review', id }, details: { quarter, grants } },
    }
  },
})

/** Reviews of the last two years, newest first, with what was decided on each grant and on what evidence. */
export const listLogReviews = read({
  action: 'audit-access.list-reviews',
  input: nothingInput,
  allow: DECIDERS,
  run: ({ db, ctx }) =>
    reviewsOf(db, ctx.now, gte(logReviews.openedAt, new Date(ctx.now.getTime() - 731 * DAY_MS))),
})

async function reviewsOf(db: Tx, now: Date, which: ReturnType<typeof eq>): Promise<LogReview[]> {
  const reviews = await db.select().from(logReviews).where(which).orderBy(desc(logReviews.openedAt))
  const rows = await db
    .select({ item: logReviewItems, grant: logGrants, name: personFacts.name, reads: readsBy(now) })
    .from(logReviewItems)
    .innerJoin(logReviews, and(eq(logReviews.id, logReviewItems.reviewId), which))
    .innerJoin(logGrants, eq(logGrants.id, logReviewItems.grantId))
    .innerJoin(personFacts, eq(personFacts.id, logGrants.userId))
    .orderBy(asc(logGrants.decidedAt), asc(logGrants.id))
  const names = await namesOf(
    db,
    rows.flatMap(({ item }) => item.decidedBy ?? []),
  )
  const toItem = ({ item, grant, name, reads }: (typeof rows)[number]): LogReviewItem => ({
    ...{ grantId: grant.id, userId: grant.userId, name, origin: grant.origin, reason: grant.reason, reads },
    from: (grant.decidedAt ?? grant.askedAt).toISOString(),
    until: (grant.endsAt ?? grant.askedAt).toISOString(),
    running: grant.endsAt !== null && grant.endsAt > now,
    decision: item.decision,
    evidence: item.evidence,
    decidedBy: item.decidedBy === null ? null : (names.get(item.decidedBy) ?? item.decidedBy),
    decidedAt: item.decidedAt?.toISOString() ?? null,
  })
  return reviews.map((review) => ({
    ...{ id: review.id, quarter: review.quarter, openedAt: review.openedAt.toISOString() },
    dueAt: review.dueAt.toISOString(),
    overdue: review.closedAt === null && review.dueAt <= now,
    closedAt: review.closedAt?.toISOString() ?? null,
    items: rows.filter(({ item }) => item.reviewId === review.id).map(toItem),
  }))
}

/** How often its holder looked into the log while a grant ran, as the log itself says. */
function readsBy(now: Date) {
  return sql<number>`(select count(*)::int from audit_leaves leaf where leaf.actor = ${logGrants.userId}
    and leaf.action >= 'audit.' and leaf.action < 'audit/' and leaf.outcome = 'allowed'
    and leaf.time >= ${logGrants.decidedAt} and leaf.time <= least(${logGrants.endsAt}, ${now.toISOString()}::timestamptz))`
}

/** Says whether a grant was right, and on what evidence; `remove` ends one that runs. The last decision closes the review. */
export const decideLogReview = verb({
  action: 'audit-access.review',
  input: reviewLogAccessInput,
  allow: DECIDERS,
  async run({ tx, input, ctx, actor, enqueue }) {
    const { reviewId, grantId, decision, evidence } = input
    const [grant] = await tx.select().from(logGrants).where(eq(logGrants.id, grantId))
    if (grant?.userId === actor.id)
      throw new AppError('conflict', 'A second person decides about your access: ask somebody in security.')
    const decided = await tx
      .update(logReviewItems)
      .set({ decision, evidence, decidedBy: actor.id, decidedAt: ctx.now })
      .where(
        and(
          eq(logReviewItems.reviewId, reviewId),
          eq(logReviewItems.grantId, grantId),
          isNull(logReviewItems.decision),
        ),
      )
      .returning({ grantId: logReviewItems.grantId })
    if (!grant || decided.length === 0)
      throw new AppError('not_found', 'This grant is not under review, or was decided already.')
    const ended = decision === 'remove' ? await endAtOnce(tx, grantId, actor.id, ctx.now) : false
    if (ended) await enqueue(closeLogAccess, { id: grantId })
    const closed = await closeIfDone(tx, reviewId, ctx.now)
    return {
      result: { decision, ended, closed },
      change: {
        target: { type: 'log_grant', id: grantId },
        reason: decision,
        details: { user_id: grant.userId, review_id: reviewId, ended, review_closed: closed },
        personal: { subject: actor.id, data: { evidence } },
      },
    }
  },
})

async function endAtOnce(tx: Tx, grantId: string, by: string, now: Date): Promise<boolean> {
  const ended = await tx
    .update(logGrants)
    .set({ endsAt: now, endedBy: by, closedAt: now })
    .where(and(eq(logGrants.id, grantId), gt(logGrants.endsAt, now)))
    .returning({ id: logGrants.id })
  return ended.length === 1
}

async function closeIfDone(tx: Tx, reviewId: string, now: Date): Promise<boolean> {
  const open = sql`exists (select from log_review_items where review_id = ${reviewId} and decision is null)`
  const closed = await tx
    .update(logReviews)
    .set({ closedAt: now })
    .where(and(eq(logReviews.id, reviewId), isNull(logReviews.closedAt), sql`not ${open}`))
    .returning({ id: logReviews.id })
  return closed.length === 1
}

const EVIDENCE = {
  grant: 'grantId',
  holder: 'userId',
  origin: 'origin',
  reason: 'reason',
  from: 'from',
  until: 'until',
  reads: 'reads',
  decision: 'decision',
  evidence: 'evidence',
  decided_by: 'decidedBy',
  decided_at: 'decidedAt',
} as const satisfies Record<string, keyof LogReviewItem>

/** One review as CSV, to be handed to an auditor. */
export const exportLogReview = verb({
  action: 'audit-access.export-review',
  input: idInput,
  allow: DECIDERS,
  async run({ tx, input, ctx }) {
    const [review] = await reviewsOf(tx, ctx.now, eq(logReviews.id, input.id))
    if (!review) throw new AppError('not_found', 'There is no such review.')
    const lines = review.items.map((item) =>
      csvLine(Object.values(EVIDENCE).map((key) => String(item[key] ?? ''))),
    )
    return {
      result: { name: `log-access-${review.quarter}`, lines: [csvLine(Object.keys(EVIDENCE)), ...lines] },
      change: { target: { type: 'log_review', id: review.id }, details: { grants: review.items.length } },
    }
  },
})
