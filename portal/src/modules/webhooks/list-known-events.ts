import { inArray } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { webhookEvents } from './tables.ts'

/** Which events of these objects have come, as "type objectId". */
export async function listKnownEvents(tx: Tx, objectIds: string[]): Promise<Set<string>> {
  if (objectIds.length === 0) return new Set()
  const rows = await tx
    .select({ type: webhookEvents.type, objectId: webhookEvents.objectId })
    .from(webhookEvents)
    .where(inArray(webhookEvents.objectId, objectIds))
  return new Set(rows.map(({ type, objectId }) => `${type} ${objectId}`))
}
