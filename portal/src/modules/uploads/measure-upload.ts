import { and, eq } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { Telemetry } from '#portal/platform/telemetry.ts'
import type { UploadFacts } from './plan-settlement.ts'
import { type UploadRow, uploadTransitions } from './tables.ts'

const ARRIVED = ['processing', 'ready']

/** Counts one step of an upload, in its transaction: what arrived, how long it took, how it ended. */
export async function measureMove(
  tx: Tx,
  telemetry: Telemetry,
  before: UploadRow,
  after: Pick<UploadFacts, 'status' | 'failureReason'>,
  now: Date,
): Promise<void> {
  if (after.status === before.status) return
  const secondsSince = (from: Date) => Math.max(0, (now.getTime() - from.getTime()) / 1000)
  if (ARRIVED.includes(after.status) && !ARRIVED.includes(before.status)) {
    telemetry.add('portal.upload.received', {}, before.sizeBytes)
    telemetry.observe('portal.upload.duration', { phase: 'transfer' }, secondsSince(before.createdAt))
  }
  if (after.status === 'ready') {
    telemetry.add('portal.upload.completed', {})
    telemetry.observe('portal.upload.duration', { phase: 'total' }, secondsSince(before.createdAt))
    const arrived = await reachedAt(tx, before.id, 'processing')
    if (arrived) telemetry.observe('portal.upload.duration', { phase: 'processing' }, secondsSince(arrived))
  }
  if (after.status === 'cancelled') telemetry.add('portal.upload.cancelled', {})
  if (after.status === 'timed_out') telemetry.add('portal.upload.failed', { reason: 'timed_out' })
  if (after.status === 'failed')
    telemetry.add('portal.upload.failed', { reason: after.failureReason ?? 'provider_failed' })
}

async function reachedAt(tx: Tx, uploadId: string, status: 'processing'): Promise<Date | null> {
  const [row] = await tx
    .select({ at: uploadTransitions.at })
    .from(uploadTransitions)
    .where(and(eq(uploadTransitions.uploadId, uploadId), eq(uploadTransitions.toStatus, status)))
  return row?.at ?? null
}
