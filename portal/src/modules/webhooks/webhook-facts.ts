import { count, eq, min } from 'drizzle-orm'
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
