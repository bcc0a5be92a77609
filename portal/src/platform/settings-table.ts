import { describeSettings } from './env.ts'

/** The table of all settings for docs/settings.md; the test beside it holds the two together. */
export function settingsTable(): string {
  const rows = describeSettings().map(
    ({ name, description, fallback }) => `| ${name} | ${description} | ${fallback} |`,
  )
  return ['| setting | what it does | default |', '| --- | --- | --- |', ...rows].join('\n')
}
