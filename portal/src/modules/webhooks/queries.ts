import { and, desc, eq, gt, gte, inArray, lt, or, type SQL } from 'drizzle-orm'
import { decodeCursor, decodeInstant, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import type { RejectionTotals, RejectionView, WebhookDetail, WebhookView } from './answers.ts'
import { listDeadLettersInput, listRejectionsInput, listWebhooksInput, webhookIdInput } from './inputs.ts'
import { rejectionTotals } from './summarise-webhooks.ts'
import { type WebhookEventRow, webhookAttempts, webhookEvents, webhookRejections } from './tables.ts'

const isFailing = () => and(inArray(webhookEvents.state, ['pending', 'dead']), gt(webhookEvents.attempts, 0))

const viewOf = (row: WebhookEventRow): WebhookView => ({
  id: row.id,
  type: row.type,
  objectType: row.objectType,
  objectId: row.objectId,
  state: row.state,
  synthetic: row.synthetic,
  occurredAt: row.occurredAt.toISOString(),
  receivedAt: row.receivedAt.toISOString(),
  receivedCount: row.receivedCount,
  appliedAt: row.appliedAt?.toISOString() ?? null,
  outcome: row.outcome,
  attempts: row.attempts,
  cause: row.cause,
  lastError: row.lastError,
  lastTriedAt: row.lastTriedAt?.toISOString() ?? null,
  nextTryAt: row.nextTryAt?.toISOString() ?? null,
  diedAt: row.diedAt?.toISOString() ?? null,
  replayId: row.replayId,
})

/** Webhooks that verified, newest first: what they tell of, how often they were tried, what came of it. */
export const listWebhooks = read({
  action: 'webhook.list',
  input: listWebhooksInput,
  allow: { role: 'admin' },
  async run({ db, input }): Promise<Page<WebhookView>> {
    const { state } = input
    const where =
      state === 'all' ? undefined : state === 'failing' ? isFailing() : eq(webhookEvents.state, state)
    return await pageOf(db, where, input)
  },
})

/** Verified webhooks that could not be applied; and, apart from them, what did not verify. */
export const listDeadLetters = read({
  action: 'webhook.list-dead-letters',
  input: listDeadLettersInput,
  allow: { role: 'admin' },
  async run({ db, input, ctx }): Promise<Page<WebhookView> & { rejected: RejectionTotals }> {
    const { state, cause, from, to } = input
    const where = and(
      state === 'all' ? isFailing() : and(isFailing(), eq(webhookEvents.state, state)),
      cause ? eq(webhookEvents.cause, cause) : undefined,
      from ? gte(webhookEvents.receivedAt, new Date(from)) : undefined,
      to ? lt(webhookEvents.receivedAt, new Date(to)) : undefined,
    )
    const [page, rejected] = [await pageOf(db, where, input), await rejectionTotals(db, ctx.now)]
    return { ...page, rejected }
  },
})

async function pageOf(
  db: Tx,
  where: SQL | undefined,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<Page<WebhookView>> {
  const rows = await db
    .select()
    .from(webhookEvents)
    .where(and(where, cursor ? isAfter(cursor) : undefined))
    .orderBy(desc(webhookEvents.receivedAt), desc(webhookEvents.id))
    .limit(limit + 1)
  return toPage(rows.map(viewOf), limit, (view) => encodeCursor(view.receivedAt, view.id))
}

function isAfter(cursor: string): SQL | undefined {
  const { instant: at, ...from } = decodeInstant(cursor)
  return or(
    lt(webhookEvents.receivedAt, at),
    and(eq(webhookEvents.receivedAt, at), lt(webhookEvents.id, from.id)),
  )
}

const MOST_ATTEMPTS = 200

/** One event with what is kept of its payload, and each try that failed or followed one. */
export const getWebhook = read({
  action: 'webhook.get',
  input: webhookIdInput,
  allow: { role: 'admin' },
  async run({ db, input: { id } }): Promise<WebhookDetail> {
    const [row] = await db.select().from(webhookEvents).where(eq(webhookEvents.id, id))
    if (!row) throw new AppError('not_found')
    const tries = await db
      .select()
      .from(webhookAttempts)
      .where(eq(webhookAttempts.eventId, id))
      .orderBy(desc(webhookAttempts.id))
      .limit(MOST_ATTEMPTS)
    return {
      ...viewOf(row),
      payload: row.body,
      discardReason: row.discardReason,
      discardedAt: row.discardedAt?.toISOString() ?? null,
      tries: tries.map(({ number, origin, at, outcome, cause, error, nextStep, replayId }) => ({
        ...{ number, origin, outcome, cause, error, nextStep, replayId },
        at: at.toISOString(),
      })),
    }
  },
})

/** What did not verify, newest first: metadata alone. */
export const listRejections = read({
  action: 'webhook.list-rejections',
  input: listRejectionsInput,
  allow: { role: 'admin' },
  async run({ db, input }): Promise<Page<RejectionView>> {
    const from = input.cursor ? Number(decodeCursor(input.cursor).id) : Number.MAX_SAFE_INTEGER
    if (!Number.isSafeInteger(from)) throw new AppError('invalid', 'The cursor is not one of ours.')
    const rows = await db
      .select()
      .from(webhookRejections)
      .where(lt(webhookRejections.id, from))
      .orderBy(desc(webhookRejections.id))
      .limit(input.limit + 1)
    const views = rows.map((row) => ({
      ...row,
      id: String(row.id),
      receivedAt: row.receivedAt.toISOString(),
    }))
    return toPage(views, input.limit, (view) => encodeCursor(null, view.id))
  },
})
