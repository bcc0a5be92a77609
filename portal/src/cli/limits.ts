import { inWords, LIMIT_SUBJECTS, RULE_NAMES } from '../modules/limits/rules.ts'
import { getBudgetLevel, setBudgetLevel } from '../modules/limits/set-budget-level.ts'
import { getLimits } from '../modules/limits/set-limits.ts'
import { AppError } from '../platform/errors.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

const HOUR_MS = 3_600_000

export const limits: Noun = {
  noun: 'limits',
  verbs: {
    list: {
      summary: 'The limits that hold now',
      async run(args) {
        const { values } = readArgs(args, {})
        const policy = await withPortal(({ app }, ctx) => app.call(getLimits, {}, ctx))
        print(values.json, policy, () =>
          RULE_NAMES.map((name) => {
            const rule = policy.rules[name]
            return `${name.padEnd(20)} ${inWords(rule).padEnd(24)} by ${LIMIT_SUBJECTS[rule.by].padEnd(18)} ${rule.mode}`
          }),
        )
        return 0
      },
    },
    budget: {
      summary: 'What the budget takes away; with a level, says how much is used up',
      usage: '[normal|warning|exhausted --hours 24 --reason text]',
      async run(args) {
        const { values, positionals } = readArgs(args, {
          hours: { type: 'string' },
          reason: { type: 'string' },
        })
        const [level] = positionals
        const now = await withPortal(async ({ app }, ctx) => {
          const hours = Number(values.hours ?? 24)
          if (!(hours > 0)) throw new AppError('invalid', '--hours must be a number of hours, such as 24.')
          const until = new Date(ctx.now.getTime() + hours * HOUR_MS)
          if (level) {
            const input = { level, reason: values.reason ?? '', until: until.toISOString() }
            await app.call(setBudgetLevel, input, ctx)
          }
          return await app.call(getBudgetLevel, {}, ctx)
        })
        print(values.json, now, () => [
          `${now.level}${now.until ? ` until ${now.until}` : ''}: ${now.uploadPercent} % of uploads, ${now.newShares ? 'new links as ever' : 'no new links'}, playback in ${now.maxResolution ?? 'every resolution'}`,
        ])
        return 0
      },
    },
  },
}
