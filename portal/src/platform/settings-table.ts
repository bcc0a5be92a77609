import { describeSettings } from './env.ts'
import { FLAG_NAMES, FLAGS } from './settings/flags.ts'

/** The table of all settings for docs/settings.md; the test beside it holds the two together. */
export function settingsTable(): string {
  const rows = describeSettings().map(
    ({ name, description, fallback }) => `| ${name} | ${description} | ${fallback} |`,
  )
  return ['| setting | what it does | default |', '| --- | --- | --- |', ...rows].join('\n')
}

/** The table of the flags of operations, with the off state of each; held like the other one. */
export function flagsTable(): string {
  const rows = FLAG_NAMES.map((name) => `| ${name} | ${FLAGS[name].kind} | ${FLAGS[name].off} |`)
  return ['| flag | kind | off |', '| --- | --- | --- |', ...rows].join('\n')
}
