import { desc } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import type { Db } from '#portal/platform/db.ts'
import { readBudgetLevel } from './budget-level.ts'
import { type LiveOverride, listLiveOverrides } from './live-overrides.ts'
import { type BudgetLevel, type LimitNumbers, type LimitRules, rulesWith } from './rules.ts'
import { limitPolicies } from './tables.ts'

/** Sent where anything of the policy changes; every node reads anew. */
export const POLICY_CHANGED = 'limits.changed'
/** A notice may be lost: nothing stays older than this for long. */
const REREAD_MS = 10_000

export type PolicyInForce = {
  version: number
  rules: LimitRules
  overrides: readonly LiveOverride[]
  budget: BudgetLevel
}

const DECLARED: PolicyInForce = { version: 0, rules: rulesWith({}), overrides: [], budget: 'normal' }

/** The newest version of the numbers; version 0 are the declared ones. */
export async function readPolicy(
  db: Pick<Db, 'select'>,
): Promise<{ version: number; set: Record<string, LimitNumbers> }> {
  const [row] = await db.select().from(limitPolicies).orderBy(desc(limitPolicies.version)).limit(1)
  return row ? { version: row.version, set: row.rules } : { version: 0, set: {} }
}

/**
 * The policy as this node knows it: read at the first request, at each notice, and again where it is older than ten
 * seconds. Requests never wait for it but the first; while it can't be read, the last one known holds.
 */
export function followPolicy(
  app: Pick<App, 'db' | 'clock' | 'log' | 'notices' | 'settings'>,
): () => Promise<PolicyInForce> {
  let known: PolicyInForce | null = null
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | null = null
  let stale = false

  async function read(): Promise<void> {
    do {
      stale = false
      try {
        const { version, set } = await readPolicy(app.db)
        const now = app.clock()
        const overrides = await listLiveOverrides(app.db, now)
        const { level: budget } = await readBudgetLevel(app.db, now, app.settings)
        known = { version, rules: rulesWith(set), overrides, budget }
        readAt = app.clock().getTime()
      } catch (error) {
        app.log.warn({ err: error }, 'the limits could not be read; the last known ones hold')
        known ??= DECLARED
        readAt = app.clock().getTime()
      }
    } while (stale)
    reading = null
  }

  const again = () => {
    stale = reading !== null
    reading ??= read()
  }
  app.notices.subscribe(POLICY_CHANGED, again)
  app.notices.subscribe('reconnected', again)

  return async () => {
    if (Math.abs(app.clock().getTime() - readAt) > REREAD_MS && !reading) reading = read()
    if (!known) await reading
    return known ?? DECLARED
  }
}
