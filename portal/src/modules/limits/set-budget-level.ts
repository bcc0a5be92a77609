import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { readBudgetLevel } from './budget-level.ts'
import { POLICY_CHANGED } from './follow-policy.ts'
import { budgetLevelInput, nothingInput } from './inputs.ts'
import { BUDGET_STEPS } from './rules.ts'
import { budgetLevels } from './tables.ts'

const DAY_MS = 86_400_000
const MOST_DAYS = 31

/** What the budget's level takes away now, for the banner that says so. */
export const getBudgetLevel = read({
  action: 'limit.budget',
  input: nothingInput,
  allow: { role: 'agency' },
  async run({ db, ctx, settings }) {
    const { level, until } = await readBudgetLevel(db, ctx.now, settings)
    return { level, until: until?.toISOString() ?? null, ...BUDGET_STEPS[level] }
  },
})

/**
 * The port of cost monitoring: how much of the budget is used up, until when that holds. Cost-bearing routes follow on every
 * node at once, and recover by themselves when it ends. Normal lifts what was set before: an emergency override, which ends too.
 */
export const setBudgetLevel = verb({
  action: 'limit.set-budget',
  input: budgetLevelInput,
  allow: { role: 'admin', groups: ['finance', 'operations'], system: true },
  async run({ tx, input, ctx, actor, settings }) {
    if (!settings.COST_MONITORING_ENABLED)
      throw new AppError('conflict', 'Levels of the budget are switched off by COST_MONITORING_ENABLED.')
    const until = new Date(input.until)
    if (until <= ctx.now || until.getTime() > ctx.now.getTime() + MOST_DAYS * DAY_MS) {
      const message = `must lie ahead, by at most ${MOST_DAYS} days`
      throw new AppError('invalid', `until: ${message}.`, { errors: [{ path: 'until', message }] })
    }
    const id = ctx.newId('bgt')
    const { level, reason } = input
    await tx.insert(budgetLevels).values({ id, level, reason, setBy: actor.id, setAt: ctx.now, until })
    await notify(tx, { topic: POLICY_CHANGED, body: {} })
    return {
      result: { level, until: until.toISOString() },
      change: {
        target: { type: 'budget_level', id },
        details: { level, until: until.toISOString() },
        personal: { subject: actor.id, data: { reason } },
      },
    }
  },
})
