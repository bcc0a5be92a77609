import { and, eq, isNull } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { discardLetterInput } from './inputs.ts'
import { MENDERS } from './replay-letters.ts'
import { webhookEvents } from './tables.ts'

/** Gives an event up for good, with a reason. It stays in the list of events as long as any other. */
export const discardLetter = verb({
  action: 'webhook.discard',
  input: discardLetterInput,
  allow: MENDERS,
  async run({ tx, input: { id, reason }, ctx, actor }) {
    const [row] = await tx
      .update(webhookEvents)
      .set({
        state: 'discarded',
        discardedAt: ctx.now,
        discardedBy: actor.id,
        discardReason: reason,
        nextTryAt: null,
      })
      .where(and(eq(webhookEvents.id, id), eq(webhookEvents.state, 'dead'), isNull(webhookEvents.replayId)))
      .returning()
    if (!row) {
      const [known] = await tx.select().from(webhookEvents).where(eq(webhookEvents.id, id))
      if (!known) throw new AppError('not_found')
      throw new AppError('conflict', 'Only a dead letter that no replay has in hand can be discarded.')
    }
    return {
      result: { id, state: 'discarded' as const },
      change: {
        target: { type: 'webhook', id },
        details: { event_type: row.type, object_id: row.objectId, attempts: row.attempts, cause: row.cause },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})
