import { and, desc, eq, gt, isNull, lt, or, type SQL } from 'drizzle-orm'
import { decodeCursor, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import { listRejectionsInput, listWebhooksInput } from './inputs.ts'
import { webhookEvents, webhookRejections } from './tables.ts'

const STATES = {
  open: () => isNull(webhookEvents.appliedAt),
  failed: () => and(isNull(webhookEvents.appliedAt), gt(webhookEvents.attempts, 0)),
  all: () => undefined,
}

/** Webhooks that verified, newest first: what they tell of, how often they were tried, why that failed. */
export const listWebhooks = read({
  action: 'webhook.list',
  input: listWebhooksInput,
  allow: { role: 'admin' },
  async run({ db, input }) {
    const rows = await db
      .select()
      .from(webhookEvents)
      .where(and(STATES[input.state](), input.cursor ? isAfter(input.cursor) : undefined))
      .orderBy(desc(webhookEvents.receivedAt), desc(webhookEvents.id))
      .limit(input.limit + 1)
    const views = rows.map((row) => ({
      id: row.id,
      type: row.type,
      objectType: row.objectType,
      objectId: row.objectId,
      occurredAt: row.occurredAt.toISOString(),
      receivedAt: row.receivedAt.toISOString(),
      receivedCount: row.receivedCount,
      appliedAt: row.appliedAt?.toISOString() ?? null,
      outcome: row.outcome,
      attempts: row.attempts,
      lastError: row.lastError,
    }))
    return toPage(views, input.limit, (view) => encodeCursor(view.receivedAt, view.id))
  },
})

function isAfter(cursor: string): SQL | undefined {
  const from = decodeCursor(cursor)
  const at = new Date(String(from.at))
  if (Number.isNaN(at.getTime())) throw new AppError('invalid', 'The cursor is not one of ours.')
  return or(
    lt(webhookEvents.receivedAt, at),
    and(eq(webhookEvents.receivedAt, at), lt(webhookEvents.id, from.id)),
  )
}

export type RejectionView = {
  id: string
  reason: string
  bodyBytes: number
  requestId: string
  receivedAt: string
}

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
