import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { verb } from '#portal/platform/operation.ts'
import { ABUSE_CHANGED } from './follow-measures.ts'
import { letGoInput } from './inputs.ts'
import { abuseDetections } from './tables.ts'

/** Ends at once what is done about somebody, and has the rule leave them alone for a while. */
export const letGo = verb({
  action: 'abuse.let-go',
  input: letGoInput,
  allow: { role: 'admin', groups: ['security', 'operations', 'support'] },
  async run({ tx, input: { id, reason, spareHours }, ctx, actor }) {
    const sparedUntil = new Date(ctx.now.getTime() + spareHours * 3_600_000)
    const [ended] = await tx
      .update(abuseDetections)
      .set({ closedAt: ctx.now, letGoBy: actor.id, letGoReason: reason, sparedUntil })
      .where(
        and(eq(abuseDetections.id, id), isNull(abuseDetections.closedAt), gt(abuseDetections.until, ctx.now)),
      )
      .returning()
    if (!ended) throw new AppError('not_found', 'This is over already, or it never was.')
    await tx.execute(sql`delete from abuse_signals where rule = ${ended.rule} and subject = ${ended.subject}`)
    await notify(tx, { topic: ABUSE_CHANGED, body: { rule: ended.rule } })
    return {
      result: { id, sparedUntil: sparedUntil.toISOString() },
      change: {
        target: { type: 'abuse_detection', id },
        details: { rule: ended.rule, subject: ended.subject, spare_hours: spareHours },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})
