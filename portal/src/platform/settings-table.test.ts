import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { flagsTable, settingsTable } from './settings-table.ts'

it('[OPS-01] docs/settings.md names every setting as it is', async () => {
  const page = await readFile(new URL('../../../docs/settings.md', import.meta.url), 'utf8')
  expect(page).toContain(settingsTable())
  expect(page).toContain(flagsTable())
})
