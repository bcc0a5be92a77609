import { count, eq, min } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '#portal/platform/db.ts'
import { webhookEvents } from './tables.ts'

/** How many dead letters wait, and since when the oldest has been one. */
export async function readDeadLetterFacts(db: Db | Tx): Promise<{ depth: number; oldestAt: Date | null }> {
  const [row] = await db
    .select({ depth: count(), oldestAt: min(webhookEvents.diedAt) })
    .from(webhookEvents)
    .where(eq(webhookEvents.state, 'dead'))
  return { depth: row?.depth ?? 0, oldestAt: row?.oldestAt ?? null }
}

/** Events of the video service without their payloads. */
export const webhookEventFacts = new QueryBuilder()
  .select({
    id: webhookEvents.id,
    provider: webhookEvents.provider,
    type: webhookEvents.type,
    objectType: webhookEvents.objectType,
    objectId: webhookEvents.objectId,
    occurredAt: webhookEvents.occurredAt,
    receivedAt: webhookEvents.receivedAt,
    receivedCount: webhookEvents.receivedCount,
    state: webhookEvents.state,
    attempts: webhookEvents.attempts,
  })
  .from(webhookEvents)
  .as('webhook_event_facts')
