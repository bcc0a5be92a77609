import { and, isNotNull, lt } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import {
  webhookAttempts,
  webhookEvents,
  webhookRejectionCounts,
  webhookRejections,
  webhookReplays,
} from './tables.ts'

/** Rejections are counted for as long as an audit may ask. */
const COUNTS_KEPT_MS = 400 * 86_400_000

/** Removes what was received, tried or rejected before these instants; says how much of each. */
export async function purgeBefore(
  tx: Tx,
  before: { payloads: Date; attempts: Date },
): Promise<{ events: number; attempts: number; rejections: number }> {
  const { payloads } = before
  const attempts = await tx.delete(webhookAttempts).where(lt(webhookAttempts.at, before.attempts))
  const events = await tx.delete(webhookEvents).where(lt(webhookEvents.receivedAt, payloads))
  const rejections = await tx.delete(webhookRejections).where(lt(webhookRejections.receivedAt, payloads))
  await tx
    .delete(webhookRejectionCounts)
    .where(lt(webhookRejectionCounts.hour, new Date(payloads.getTime() - COUNTS_KEPT_MS)))
  await tx
    .delete(webhookReplays)
    .where(and(lt(webhookReplays.askedAt, payloads), isNotNull(webhookReplays.finishedAt)))
  return {
    events: events.rowCount ?? 0,
    attempts: attempts.rowCount ?? 0,
    rejections: rejections.rowCount ?? 0,
  }
}
