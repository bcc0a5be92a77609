import { and, eq, isNotNull, isNull, lte } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { AppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { signingKeys } from './tables.ts'

const UNDELETED = 'signing-key.undeleted'

const recordDeletion = verb({
  action: 'signing-key.delete',
  input: z.strictObject({ id: z.string() }),
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const [row] = await tx
      .update(signingKeys)
      .set({ deletedAt: ctx.now, privateKeySealed: Buffer.alloc(0) })
      .where(
        and(eq(signingKeys.id, input.id), isNotNull(signingKeys.retiredAt), isNull(signingKeys.deletedAt)),
      )
      .returning({ reason: signingKeys.retireReason })
    if (!row) throw new AppError('conflict', 'This key was deleted before.')
    return {
      result: null,
      change: {
        target: { type: 'signing_key', id: input.id },
        ...(row.reason ? { reason: row.reason } : {}),
      },
    }
  },
})

/**
 * Deletes at the video service every retired key whose last token has ended: what it opened ends, what it signed
 * opens nothing. A failure raises an alert and is thrown after all keys were tried.
 */
export async function deleteDueKeys(app: App): Promise<number> {
  const ctx = app.newContext({ kind: 'system', id: 'playback' })
  const due = await app.db
    .select({ id: signingKeys.id, reason: signingKeys.retireReason })
    .from(signingKeys)
    .where(
      and(
        eq(signingKeys.provider, app.settings.videoProvider),
        isNotNull(signingKeys.retiredAt),
        isNull(signingKeys.deletedAt),
        lte(signingKeys.deleteAfter, ctx.now),
      ),
    )
  const failures: unknown[] = []
  for (const { id } of due) {
    try {
      await app.ports.video.deleteSigningKey(id)
      await app.call(recordDeletion, { id }, ctx).catch(passOverDeleted)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) {
    const compromised = due.some(({ reason }) => reason === 'compromised')
    await app.ports.alerts.raise({
      key: UNDELETED,
      severity: compromised ? 'critical' : 'warning',
      summary: compromised
        ? 'A compromised signing key could not be deleted at the video service: its tokens still open media'
        : 'A retired signing key could not be deleted at the video service',
      details: { keys: failures.length },
    })
    throw failures[0]
  }
  if (due.length > 0) await app.ports.alerts.resolve(UNDELETED)
  return due.length
}

/** Two processes met over one key: it is gone, and that is what both wanted. */
function passOverDeleted(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'conflict')) throw error
}

/** After a compromise: repeats the deletion until the video service has confirmed it, for about a day. */
export const deleteSigningKeys = job({
  name: 'playback.delete-signing-keys',
  input: z.strictObject({}),
  maxAttempts: 18,
  async run({ app }) {
    await deleteDueKeys(app)
  },
})
