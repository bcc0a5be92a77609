import { and, asc, eq, isNull, lt, sql } from 'drizzle-orm'
import type { WebhookEvent } from '#portal/adapters/video/port.ts'
import type { Tx } from '#portal/platform/db.ts'
import { redactEvent } from './rules.ts'
import { type WebhookEventRow, webhookEvents, webhookRejections } from './tables.ts'

/** Newest rejections that are kept. */
const REJECTIONS_KEPT = 10_000

/** Stores a verified event; false if its ID was met before, in which case it is only counted. */
export async function insertEvent(
  tx: Tx,
  provider: WebhookEventRow['provider'],
  event: WebhookEvent,
  now: Date,
): Promise<boolean> {
  const [row] = await tx
    .insert(webhookEvents)
    .values({
      id: event.id,
      provider,
      type: event.type,
      objectType: event.objectType,
      objectId: event.objectId,
      body: redactEvent(event),
      occurredAt: event.createdAt,
      receivedAt: now,
    })
    .onConflictDoUpdate({
      target: webhookEvents.id,
      set: { receivedCount: sql`${webhookEvents.receivedCount} + 1` },
    })
    .returning({ received: webhookEvents.receivedCount })
  return row?.received === 1
}

export async function findEvent(tx: Tx, id: string): Promise<WebhookEventRow | null> {
  const [row] = await tx.select().from(webhookEvents).where(eq(webhookEvents.id, id))
  return row ?? null
}

export async function markApplied(
  tx: Tx,
  id: string,
  outcome: NonNullable<WebhookEventRow['outcome']>,
  now: Date,
): Promise<void> {
  await tx
    .update(webhookEvents)
    .set({
      appliedAt: now,
      outcome,
      attempts: sql`${webhookEvents.attempts} + 1`,
      lastError: null,
      lastTriedAt: now,
    })
    .where(and(eq(webhookEvents.id, id), isNull(webhookEvents.appliedAt)))
}

export async function markFailed(tx: Tx, id: string, error: string, now: Date): Promise<void> {
  await tx
    .update(webhookEvents)
    .set({ attempts: sql`${webhookEvents.attempts} + 1`, lastError: error.slice(0, 500), lastTriedAt: now })
    .where(and(eq(webhookEvents.id, id), isNull(webhookEvents.appliedAt)))
}

export type Rejection = {
  reason: 'signature' | 'too_large' | 'not_text' | 'not_an_event'
  bodyBytes: number
  requestId: string
}

/** Keeps what is known of a body that did not verify, without the body; the oldest make room. */
export async function insertRejection(tx: Tx, rejection: Rejection, now: Date): Promise<void> {
  await tx.insert(webhookRejections).values({ ...rejection, receivedAt: now })
  await tx.execute(sql`delete from webhook_rejections where id <
    (select id from webhook_rejections order by id desc offset ${REJECTIONS_KEPT - 1} limit 1)`)
}

/** Removes what was received before `before`; returns how many events went. */
export async function purgeBefore(tx: Tx, before: Date): Promise<number> {
  await tx.delete(webhookRejections).where(lt(webhookRejections.receivedAt, before))
  const { rowCount } = await tx.delete(webhookEvents).where(lt(webhookEvents.receivedAt, before))
  return rowCount ?? 0
}

/** IDs of verified events that no job has applied since `before`: whatever became of their jobs. */
export async function listForgottenEvents(tx: Tx, before: Date, limit: number): Promise<string[]> {
  const rows = await tx
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(
      and(
        isNull(webhookEvents.appliedAt),
        lt(sql`coalesce(${webhookEvents.lastTriedAt}, ${webhookEvents.receivedAt})`, before),
      ),
    )
    .orderBy(asc(webhookEvents.receivedAt))
    .limit(limit)
  return rows.map((row) => row.id)
}
