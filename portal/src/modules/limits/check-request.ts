import type { LimitStanding, LimitUse } from '#portal/adapters/limits/port.ts'
import type { App } from '#portal/platform/app.ts'
import { countRequests } from './count-requests.ts'
import { followPolicy, type PolicyInForce } from './follow-policy.ts'
import { limitIdentity } from './limit-identity.ts'
import type { LiveOverride } from './live-overrides.ts'
import {
  type BudgetLevel,
  DEFAULT_RULES,
  emissionUs,
  ifStoreFails,
  type LimitClass,
  type LimitRule,
  type LimitSubject,
  RULE_NAMES,
  type RuleName,
  withinBudget,
} from './rules.ts'
import { watchStore } from './watch-store.ts'

/** Whom a request may be counted by; what is not known is left out. Addresses come as keyed hashes. */
export type Caller = { [S in LimitSubject]?: string | undefined }

export type Refused = { rule: RuleName; numbers: LimitRule; retrySeconds: number }
export type Verdict = {
  /** Fields of draft-ietf-httpapi-ratelimit-headers-11. */
  headers: { policy: string; standing: string } | null
  refused: Refused | null
}

/**
 * Where a caller stands with a rule; `retryUs` is until the next use is admitted. `raisedUntil`: an override holds until
 * then, whose numbers are another count.
 */
export type Stand = { rule: RuleName; numbers: LimitRule; at: LimitStanding; raisedUntil: Date | null }

export type Limiter = {
  /** @returns null where the store failed and the class is closed then */
  check(name: LimitClass, caller: Caller, cost?: number): Promise<Verdict | null>
  /** Whether the class is lifted for anybody: only then must a door that asks nobody who they are find it out. */
  isLifted(name: LimitClass): Promise<boolean>
  /** Where a caller stands with the enforced rules of a class: nothing is counted. Throws where the store fails. */
  look(name: LimitClass, caller: Caller): Promise<Stand[]>
  /** How much of the budget is used up, as this process knows it. */
  budget(): Promise<BudgetLevel>
  /** Writes what was counted so far. */
  flush(): Promise<void>
}

type Applied = { name: RuleName; rule: LimitRule; subject: string; use: LimitUse; raisedUntil: Date | null }

const OPEN: Verdict = { headers: null, refused: null }
const limiters = new WeakMap<App, Limiter>()

/** The one limiter of this process. */
export function limiterOf(app: App): Limiter {
  const known = limiters.get(app) ?? createLimiter(app)
  limiters.set(app, known)
  return known
}

function createLimiter(app: App): Limiter {
  const policyInForce = followPolicy(app)
  const tally = countRequests(app)
  const health = watchStore(app)
  const enforcing = app.settings.RATE_LIMIT_ENFORCED
  const identityOf = ({ rule, subject }: Applied) => limitIdentity(app.keys, rule.by, subject)

  async function check(name: LimitClass, caller: Caller, cost = 1): Promise<Verdict | null> {
    const policy = await policyInForce()
    const applied = rulesFor(policy, name, caller, cost, app.clock())
    if (applied.length === 0) return OPEN
    const watched = applied.filter(({ rule }) => !enforcing || rule.mode === 'monitor')
    const enforced = applied.filter((one) => !watched.includes(one))
    try {
      // Apart: what is only watched must not keep an enforced rule from counting, nor the other way round.
      const [binding, hint] = await Promise.all([
        judge(policy, enforced, true),
        judge(policy, watched, false),
      ])
      return { headers: fieldsOf([...binding.stands, ...hint.stands]), refused: binding.refused }
    } catch (error) {
      return storeFailed(policy, applied, name, error)
    }
  }

  async function look(name: LimitClass, caller: Caller): Promise<Stand[]> {
    const found = rulesFor(await policyInForce(), name, caller, 0, app.clock())
    const enforced = enforcing ? found.filter(({ rule }) => rule.mode === 'enforce') : []
    if (enforced.length === 0) return []
    const { standings } = await app.ports.limits.take(enforced.map(({ use }) => use))
    return enforced.map(({ name: rule, rule: numbers, use, raisedUntil }, n) => {
      const { remaining, fullUs } = standings[n] as LimitStanding
      const retryUs = Math.max(0, fullUs - (use.burst - 1) * use.emissionUs)
      return { rule, numbers, at: { remaining, fullUs, retryUs }, raisedUntil }
    })
  }

  async function judge(policy: PolicyInForce, applied: Applied[], enforced: boolean) {
    if (applied.length === 0) return { stands: [], refused: null }
    const { admitted, standings } = await app.ports.limits.take(applied.map(({ use }) => use))
    health.answered()
    const stands = applied.map((one, n) => ({ one, at: standings[n] as LimitStanding }))
    const short = admitted ? [] : stands.filter(({ at }) => at.retryUs > 0)
    for (const { one } of stands) {
      const over = short.some((other) => other.one === one)
      tally.count(one.name, !over ? 'admitted' : enforced ? 'refused' : 'wouldRefuse')
      if (over)
        tally.throttled({
          ...{ rule: one.name, identity: identityOf(one), enforced, reason: 'quota' },
          policyVersion: policy.version,
        })
    }
    const worst = short.toSorted((a, b) => b.at.retryUs - a.at.retryUs)[0]
    const refused =
      enforced && worst
        ? { rule: worst.one.name, numbers: worst.one.rule, retrySeconds: seconds(worst.at.retryUs) }
        : null
    return { stands, refused }
  }

  function storeFailed(
    policy: PolicyInForce,
    applied: Applied[],
    name: LimitClass,
    error: unknown,
  ): Verdict | null {
    health.failed(name, error)
    const closed = ifStoreFails(name) === 'closed' && enforcing
    for (const one of applied.slice(0, 1))
      tally.throttled({
        ...{ rule: one.name, identity: identityOf(one), enforced: closed, reason: 'store_failed' },
        policyVersion: policy.version,
      })
    return closed ? null : OPEN
  }

  return {
    check,
    look,
    isLifted: async (name) => (await policyInForce()).overrides.some((one) => one.class === name),
    budget: async () => (await policyInForce()).budget,
    flush: tally.flush,
  }
}

const RULES_OF = Map.groupBy(RULE_NAMES, (name) => DEFAULT_RULES[name].class)

/** The rules of a class that this caller is counted by, with the override that holds for them. */
function rulesFor(
  { rules, overrides, budget }: PolicyInForce,
  name: LimitClass,
  caller: Caller,
  cost: number,
  now: Date,
): Applied[] {
  const override = overrides.find(
    (one) => one.class === name && one.expiresAt > now && caller[one.kind] === one.subject,
  )
  if (override) return [overridden(rules, override, cost)]
  return (RULES_OF.get(name) ?? []).flatMap((ruleName) => {
    const subject = caller[rules[ruleName].by]
    return subject === undefined ? [] : [applied(ruleName, rules[ruleName], subject, cost, budget)]
  })
}

/** In place of every rule of the class: so much for this subject, whatever the address. */
function overridden(
  rules: PolicyInForce['rules'],
  { class: name, kind, subject, quota, expiresAt }: LiveOverride,
  cost: number,
): Applied {
  const ruleName = RULES_OF.get(name)?.[0] as RuleName
  const raised = { ...rules[ruleName], by: kind, quota, burst: quota }
  return { ...applied(ruleName, raised, subject, cost), raisedUntil: expiresAt }
}

function applied(
  name: RuleName,
  set: LimitRule,
  subject: string,
  cost: number,
  budget: BudgetLevel = 'normal',
): Applied {
  const rule = withinBudget(set, budget)
  const { burst } = rule
  // Other numbers are another count: what was owed under the old ones says nothing under the new. A level of the budget
  // stays on the same one, where each use owes more.
  const key = `${name}:${set.by}:${set.quota}/${set.windowSeconds}/${set.burst}:${subject}`
  return {
    name,
    rule,
    subject,
    use: { key, cost: Math.min(cost, burst), burst, emissionUs: emissionUs(rule) },
    raisedUntil: null,
  }
}

const seconds = (us: number) => Math.max(1, Math.ceil(us / 1e6))

function fieldsOf(stands: { one: Applied; at: LimitStanding }[]): Verdict['headers'] {
  return {
    policy: stands
      .map(({ one: { name, rule } }) => `"${name}";q=${rule.quota};w=${rule.windowSeconds}`)
      .join(', '),
    standing: stands
      .map(({ one: { name }, at }) => `"${name}";r=${at.remaining};t=${seconds(at.retryUs || at.fullUs)}`)
      .join(', '),
  }
}
