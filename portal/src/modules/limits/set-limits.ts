import { desc, eq } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { read, verb } from '#portal/platform/operation.ts'
import type { LimitsVersion } from './answers.ts'
import { POLICY_CHANGED, readPolicy } from './follow-policy.ts'
import { nothingInput, setLimitsInput } from './inputs.ts'
import { DEFAULT_RULES, type LimitNumbers, RULE_NAMES, rulesWith } from './rules.ts'
import { limitPolicies } from './tables.ts'

/** Older ones stand in the audit log. */
const MOST_VERSIONS = 100

/** The limits that hold now. */
export const getLimits = read({
  action: 'limit.get',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, settings }) {
    const { version, set } = await readPolicy(db)
    return { version, rules: rulesWith(set), enforced: settings.RATE_LIMIT_ENFORCED }
  },
})

/** Every version of the limits, newest first: who set what, when and why. */
export const listLimitVersions = read({
  action: 'limit.history',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db }): Promise<{ items: LimitsVersion[] }> {
    const rows = await db
      .select({ row: limitPolicies, setByName: personFacts.name })
      .from(limitPolicies)
      .leftJoin(personFacts, eq(personFacts.id, limitPolicies.setBy))
      .orderBy(desc(limitPolicies.version))
      .limit(MOST_VERSIONS)
    return {
      items: rows.map(({ row, setByName }) => ({
        version: row.version,
        rules: rulesWith(row.rules),
        reason: row.reason,
        setByName,
        setAt: row.setAt.toISOString(),
      })),
    }
  },
})

/** Sets the numbers and modes of rules, in force on every node at once; the rules themselves are declared. */
export const setLimits = verb({
  action: 'limit.set',
  input: setLimitsInput,
  allow: { role: 'admin', groups: ['security', 'operations'] },
  async run({ tx, input, ctx, actor }) {
    const { version: seen, reason } = input
    const version = seen + 1
    const before = await readPolicy(tx)
    const set = changed(input.rules)
    const made = await tx
      .insert(limitPolicies)
      .values({ version, rules: set, reason, setBy: actor.id, setAt: ctx.now })
      .onConflictDoNothing()
      .returning({ version: limitPolicies.version })
    if (before.version !== seen || made.length === 0)
      throw new AppError('conflict', 'Somebody else changed the limits meanwhile. Look at them again.')
    await notify(tx, { topic: POLICY_CHANGED, body: { version } })
    return {
      result: { version, rules: rulesWith(set) },
      change: {
        target: { type: 'limit_policy', id: String(version) },
        details: { rules: Object.entries(set).map(([name, numbers]) => `${name} ${told(numbers)}`) },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})

const told = ({ quota, windowSeconds, burst, mode }: LimitNumbers) =>
  `${quota}/${windowSeconds} s, ${burst} at once, ${mode}`

/** What differs from the declared numbers alone: a default that a later version declares anew then holds. */
function changed(rules: Partial<Record<string, LimitNumbers>>): Record<string, LimitNumbers> {
  return Object.fromEntries(
    RULE_NAMES.flatMap((name) => {
      const set = rules[name]
      const declared: LimitNumbers = DEFAULT_RULES[name]
      const same =
        !set ||
        (['quota', 'windowSeconds', 'burst', 'mode'] as const).every(
          (field) => set[field] === declared[field],
        )
      return same ? [] : [[name, set]]
    }),
  )
}
