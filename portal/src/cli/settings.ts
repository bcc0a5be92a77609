import { readFile } from 'node:fs/promises'
import { stateFlags } from '../modules/reliability/check-staging.ts'
import { suiteRunOf } from '../modules/reliability/staging-statement.ts'
import { describeSettings } from '../platform/env.ts'
import { AppError } from '../platform/errors.ts'
import { settingsTable } from '../platform/settings-table.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const settings: Noun = {
  noun: 'settings',
  verbs: {
    list: {
      summary: 'Every setting, what it does, its default',
      async run(args) {
        const { values } = readArgs(args, {})
        print(values.json, describeSettings(), () => settingsTable().split('\n'))
        return 0
      },
    },
    statement: {
      summary:
        'In staging: state, signed, which flags have run here and what passed; for STAGING_FIRST in production',
      usage: '[--results .artifacts/last-run/summary.json]',
      async run(args) {
        const { values } = readArgs(args, { results: { type: 'string' } })
        const e2eSuite = values.results ? await resultsIn(values.results) : null
        const { note, vkey } = await withPortal(({ app }, ctx) => app.call(stateFlags, { e2eSuite }, ctx))
        // The statement alone goes into the file that production reads.
        if (!values.json) process.stderr.write(`STAGING_KEY='${vkey}'\n`)
        print(values.json, { note, vkey }, () => [note.replace(/\n$/, '')])
        return 0
      },
    },
  },
}

async function resultsIn(file: string) {
  try {
    return suiteRunOf(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    throw new AppError('invalid', `${file} is no summary of a test run: npm test writes one.`)
  }
}
