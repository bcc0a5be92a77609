import { describeSettings } from '../platform/env.ts'
import { settingsTable } from '../platform/settings-table.ts'
import { type Noun, print, readArgs } from './command.ts'

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
  },
}
