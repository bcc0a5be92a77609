import { and, eq, isNull, lte } from 'drizzle-orm'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { quarterOf } from '#portal/platform/quarter.ts'
import { nothingInput } from '../inputs.ts'
import { DAY_MS } from '../rules.ts'
import { closeOver, decidersBut } from './access-jobs.ts'
import { ensureFirstLogAccess } from './give-access.ts'
import { openLogReview } from './review-access.ts'
import { logGrants, logReviewItems, logReviews } from './tables.ts'

const REMIND_DAYS = 7
const OVERDUE = 'log-review-overdue'

/** Each day: closes what is over, opens the quarter's review, reminds of one that is open once a week, says aloud which is overdue. */
export const tendLogAccess = job({
  name: 'audit-access.tend',
  input: nothingInput,
  maxAttempts: 3,
  schedule: '11 5 * * *',
  async run({ app, ctx }) {
    await ensureFirstLogAccess(app, ctx)
    await closeOver(app, ctx, isNull(logGrants.closedAt))
    const [known] = await app.db
      .select({ id: logReviews.id })
      .from(logReviews)
      .where(eq(logReviews.quarter, quarterOf(ctx.now)))
    if (!known) {
      const { id } = await app.call(openLogReview, {}, ctx)
      await remind(app, ctx, id)
    }
    await remindAll(app, ctx)
    await sayOverdue(app, ctx)
  },
})

async function remindAll(app: App, ctx: Context): Promise<void> {
  const before = new Date(ctx.now.getTime() - REMIND_DAYS * DAY_MS)
  const due = await app.db
    .update(logReviews)
    .set({ remindedAt: ctx.now })
    .where(and(isNull(logReviews.closedAt), lte(logReviews.remindedAt, before)))
    .returning({ id: logReviews.id })
  for (const { id } of due) await remind(app, ctx, id)
}

async function remind(app: App, ctx: Context, id: string): Promise<void> {
  const [review] = await app.db.select().from(logReviews).where(eq(logReviews.id, id))
  if (!review || review.closedAt) return
  const waiting = await app.db.$count(
    logReviewItems,
    and(eq(logReviewItems.reviewId, id), isNull(logReviewItems.decision)),
  )
  const values = {
    ...{ quarter: review.quarter, waiting, dueAt: review.dueAt },
    url: `${app.settings.PUBLIC_URL}/admin/audit/reviews`,
  }
  const deciders = await decidersBut(app, '')
  await app.db.transaction(async (tx) => {
    const scope = { keys: app.keys, enqueue: enqueue.bind(null, tx) }
    for (const { id: userId, email } of deciders) {
      const idempotencyKey = `${id}:${ctx.now.toISOString().slice(0, 10)}:${userId}`
      await enqueueMail(scope, { to: email, template: 'log-review', values, idempotencyKey })
    }
  })
}

async function sayOverdue(app: App, ctx: Context): Promise<void> {
  const waiting = await app.db.$count(
    logReviews,
    and(isNull(logReviews.closedAt), lte(logReviews.dueAt, ctx.now)),
  )
  if (waiting === 0) return await app.ports.alerts.resolve(OVERDUE)
  const summary = 'The quarterly review of access to the audit log is overdue.'
  await app.ports.alerts.raise({ key: OVERDUE, severity: 'warning', summary, details: { waiting } })
}
