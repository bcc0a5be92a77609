import { and, count, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { verb } from '#portal/platform/operation.ts'
import { ABUSE_CHANGED, readAbusePolicy } from './follow-measures.ts'
import { ABUSE_RULE_NAMES, abuseRulesWith, LONGEST_ANSWER_SECONDS } from './rules.ts'
import { abuseDetections } from './tables.ts'

const DAY_MS = 86_400_000

/**
 * A rule's threshold was met: what the rule says is done about the subject, for longer each time that it comes again.
 * @throws AppError conflict where it is being done already: of two nodes one is first
 */
export const detectAbuse = verb({
  action: 'abuse.detect',
  input: z.strictObject({ rule: z.enum(ABUSE_RULE_NAMES), subject: z.string().max(64), seen: z.int() }),
  allow: { system: true },
  async run({ tx, input: { rule: name, subject, seen }, ctx, settings }) {
    const { rule, until: ends } = abuseDetections
    const { version, set } = await readAbusePolicy(tx)
    const { by, title, action, alert, mode, threshold, lastsSeconds } = abuseRulesWith(set)[name]
    const same = and(eq(rule, name), eq(abuseDetections.subject, subject))
    await tx
      .update(abuseDetections)
      .set({ closedAt: sql`${ends}` })
      .where(and(same, isNull(abuseDetections.closedAt), lte(ends, ctx.now)))
    const lately = gt(abuseDetections.detectedAt, new Date(ctx.now.getTime() - DAY_MS))
    const [before] = await tx
      .select({ times: count() })
      .from(abuseDetections)
      .where(and(same, lately, isNull(abuseDetections.letGoBy)))
    const times = before?.times ?? 0
    const seconds = Math.min(LONGEST_ANSWER_SECONDS, lastsSeconds * 2 ** Math.min(times, 16))
    const until = new Date(ctx.now.getTime() + seconds * 1000)
    const enforced = settings.RATE_LIMIT_ENFORCED && mode === 'enforce'
    const id = ctx.newId('abd')
    const made = await tx
      .insert(abuseDetections)
      .values({
        ...{ id, rule: name, subject, policyVersion: version, threshold, enforced, action, until },
        detectedAt: ctx.now,
      })
      .onConflictDoNothing()
      .returning({ id: abuseDetections.id })
    if (made.length === 0) throw new AppError('conflict', 'This is being dealt with already.')
    await notify(tx, { topic: ABUSE_CHANGED, body: { rule: name } })
    return {
      result: { id, rule: name, subject, enforced, action, until: until.getTime(), alert, title },
      change: {
        target: { type: 'abuse_detection', id },
        details: {
          ...{ rule: name, by, subject, seen, threshold, action, enforced, policy_version: version },
          ...{ until: until.toISOString(), times_in_a_day: times + 1 },
        },
      },
    }
  },
})
