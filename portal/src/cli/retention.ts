import { listRetention, type RetentionRun } from '../modules/privacy/list-retention.ts'
import { runRetention } from '../modules/privacy/run-retention.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const retention: Noun = {
  noun: 'retention',
  verbs: {
    run: {
      summary: 'Removes what is past its time; without --apply it only counts',
      usage: '[--apply]',
      async run(args) {
        const { values } = readArgs(args, { apply: { type: 'boolean', default: false } })
        const run = await withPortal(({ app }, ctx) => app.call(runRetention, { dry: !values.apply }, ctx))
        print(values.json, run, () => lines(run))
        return 0
      },
    },
    list: {
      summary: 'What retention removed, newest run first',
      usage: '[--limit 7]',
      async run(args) {
        const { values } = readArgs(args, { limit: { type: 'string' } })
        const { json, ...page } = values
        const answer = await withPortal(({ app }, ctx) => app.call(listRetention, page, ctx))
        print(json, answer, () =>
          answer.runs.length ? answer.runs.flatMap(lines) : ['Retention has not run yet.'],
        )
        return 0
      },
    },
  },
}

function lines({ id, ranAt, dry, removals }: RetentionRun): string[] {
  return [
    `${ranAt}  ${id}  ${dry ? 'would remove' : 'removed'}`,
    ...removals.map(({ table, removed, keptDays, oldestLeft, rule }) =>
      [
        `  ${table.padEnd(26)}`,
        `${String(removed).padStart(8)}`,
        `past ${String(keptDays).padStart(3)} days`,
        `oldest left ${oldestLeft ?? 'none'}`.padEnd(38),
        rule,
      ].join('  '),
    ),
  ]
}
