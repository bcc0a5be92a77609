import { and, count, eq, gte, sql, sum } from 'drizzle-orm'
import type { Db, Tx } from '#portal/platform/db.ts'
import { webhookEvents, webhookRejectionCounts } from './tables.ts'

/** What the inbox itself says happened since an instant (rejections: since the hour it lies in). */
export async function countWebhooksSince(
  db: Db | Tx,
  from: Date,
): Promise<{ stored: number; applied: number; rejected: number; dead: number }> {
  const events = async (condition: ReturnType<typeof and>) =>
    (await db.select({ n: count() }).from(webhookEvents).where(condition))[0]?.n ?? 0
  const [rejections] = await db
    .select({ n: sum(webhookRejectionCounts.count) })
    .from(webhookRejectionCounts)
    .where(gte(webhookRejectionCounts.hour, sql`date_trunc('hour', ${from.toISOString()}::timestamptz)`))
  return {
    stored: await events(and(eq(webhookEvents.synthetic, false), gte(webhookEvents.receivedAt, from))),
    applied: await events(gte(webhookEvents.appliedAt, from)),
    rejected: Number(rejections?.n ?? 0),
    dead: await events(eq(webhookEvents.state, 'dead')),
  }
}
