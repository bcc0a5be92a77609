import { desc, eq } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { read, verb } from '#portal/platform/operation.ts'
import type { AbuseRulesVersion } from './answers.ts'
import { ABUSE_CHANGED, readAbusePolicy } from './follow-measures.ts'
import { nothingInput, setAbuseRulesInput } from './inputs.ts'
import {
  ABUSE_RULE_NAMES,
  type AbuseNumbers,
  type AbuseRuleName,
  abuseRulesWith,
  DEFAULT_ABUSE_RULES,
} from './rules.ts'
import { abusePolicies } from './tables.ts'

/** Older ones stand in the audit log. */
const MOST_VERSIONS = 100

/** The rules that hold now. */
export const getAbuseRules = read({
  action: 'abuse.get',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, settings }) {
    const { version, set } = await readAbusePolicy(db)
    return { version, rules: abuseRulesWith(set), enforced: settings.RATE_LIMIT_ENFORCED }
  },
})

/** Every version of the rules, newest first: who set it, when and why. */
export const listAbuseVersions = read({
  action: 'abuse.history',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db }): Promise<{ items: AbuseRulesVersion[] }> {
    const rows = await db
      .select({ row: abusePolicies, setByName: personFacts.name })
      .from(abusePolicies)
      .leftJoin(personFacts, eq(personFacts.id, abusePolicies.setBy))
      .orderBy(desc(abusePolicies.version))
      .limit(MOST_VERSIONS)
    return {
      items: rows.map(({ row, setByName }) => ({
        version: row.version,
        rules: abuseRulesWith(row.rules),
        reason: row.reason,
        setByName,
        setAt: row.setAt.toISOString(),
      })),
    }
  },
})

/** Sets numbers, actions and modes of rules, in force on every node at once; what is done already goes on to its end. */
export const setAbuseRules = verb({
  action: 'abuse.set',
  input: setAbuseRulesInput,
  allow: { role: 'admin', groups: ['security', 'operations'] },
  async run({ tx, input, ctx, actor }) {
    const { version: seen, reason } = input
    const version = seen + 1
    const before = await readAbusePolicy(tx)
    const set = changed(input.rules)
    for (const name of ABUSE_RULE_NAMES) mustHaveDoor(name, set[name])
    const made = await tx
      .insert(abusePolicies)
      .values({ version, rules: set, reason, setBy: actor.id, setAt: ctx.now })
      .onConflictDoNothing()
      .returning({ version: abusePolicies.version })
    if (before.version !== seen || made.length === 0)
      throw new AppError('conflict', 'Somebody else changed the rules meanwhile. Look at them again.')
    await notify(tx, { topic: ABUSE_CHANGED, body: { version } })
    return {
      result: { version, rules: abuseRulesWith(set) },
      change: {
        target: { type: 'abuse_policy', id: String(version) },
        details: { rules: Object.entries(set).map(([name, numbers]) => `${name} ${told(numbers)}`) },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})

function mustHaveDoor(name: AbuseRuleName, set: AbuseNumbers | undefined): void {
  if (!set || set.action === 'none' || DEFAULT_ABUSE_RULES[name].doors.length > 0) return
  const message = 'this rule guards no door: it only tells'
  throw new AppError('invalid', `${name}: ${message}`, {
    errors: [{ path: `rules.${name}.action`, message }],
  })
}

const told = ({ threshold, windowSeconds, lastsSeconds, action, alert, mode }: AbuseNumbers) =>
  `${threshold}/${windowSeconds} s, ${action} for ${lastsSeconds} s, ${alert ? 'alert' : 'no alert'}, ${mode}`

const FIELDS = ['threshold', 'windowSeconds', 'lastsSeconds', 'action', 'alert', 'mode'] as const

/** What differs from the declared numbers alone: a default that a later version declares anew then holds. */
function changed(rules: Partial<Record<string, AbuseNumbers>>): Record<string, AbuseNumbers> {
  return Object.fromEntries(
    ABUSE_RULE_NAMES.flatMap((name) => {
      const set = rules[name]
      const declared: AbuseNumbers = DEFAULT_ABUSE_RULES[name]
      return !set || FIELDS.every((field) => set[field] === declared[field]) ? [] : [[name, set]]
    }),
  )
}
