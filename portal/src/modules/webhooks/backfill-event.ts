import type { Tx } from '#portal/platform/db.ts'
import { webhookEvents } from './tables.ts'
import { wake } from './wake-apply.ts'

export type MissingEvent = {
  provider: 'engine' | 'mux'
  type: string
  objectType: string
  objectId: string
  /** asset_id, upload_id, passthrough, status: as `redactEvent` keeps them. */
  body: Record<string, unknown>
  occurredAt: Date
}

/**
 * Puts in an event that should have come and never did; it is applied the way of any other. Once for each type and
 * object: false if it was put in before.
 */
export async function backfillEvent(tx: Tx, missing: MissingEvent, now: Date): Promise<boolean> {
  const { rowCount } = await tx
    .insert(webhookEvents)
    .values({
      ...missing,
      id: `syn:${missing.type}:${missing.objectId}`,
      synthetic: true,
      receivedAt: now,
      nextTryAt: now,
    })
    .onConflictDoNothing()
  if (!rowCount) return false
  await wake(tx)
  return true
}
