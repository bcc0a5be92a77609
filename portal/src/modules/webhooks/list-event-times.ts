import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { webhookEvents } from './tables.ts'

export type EventTime = { objectId: string; occurredAt: Date; receivedAt: Date }

const COLUMNS = {
  objectId: webhookEvents.objectId,
  occurredAt: webhookEvents.occurredAt,
  receivedAt: webhookEvents.receivedAt,
}

/** When the newest events of a type happened and came; those that were put in here tell nothing of that. */
export async function listEventTimes(
  tx: Tx,
  provider: 'engine' | 'mux',
  type: string,
  limit: number,
): Promise<EventTime[]> {
  return await tx
    .select(COLUMNS)
    .from(webhookEvents)
    .where(
      and(
        eq(webhookEvents.type, type),
        eq(webhookEvents.provider, provider),
        eq(webhookEvents.synthetic, false),
      ),
    )
    .orderBy(desc(webhookEvents.receivedAt))
    .limit(limit)
}

/** Of these objects, the events of a type, by object. */
export async function findEventTimes(
  tx: Tx,
  type: string,
  objectIds: string[],
): Promise<Map<string, EventTime>> {
  if (objectIds.length === 0) return new Map()
  const rows = await tx
    .select(COLUMNS)
    .from(webhookEvents)
    .where(and(eq(webhookEvents.type, type), inArray(webhookEvents.objectId, objectIds)))
  return new Map(rows.map((row) => [row.objectId, row]))
}
