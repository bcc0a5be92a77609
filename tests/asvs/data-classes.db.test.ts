import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { ROOT } from './catalogue.ts'
import { tableOf } from './security-doc.ts'

it('[ASVS-14.1.1] every table of the portal has its class of protection', async () => {
  const [, ...lines] = readFileSync(`${ROOT}docs/data-classes.tsv`, 'utf8').trim().split('\n')
  const classes = new Map(lines.map((line) => line.split('\t') as [string, string]))
  const database = await createTestDatabase('portal')
  const { rows } = await database.pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'portal_migrations' order by 1`,
  )
  await database.close()
  expect(rows.length).toBeGreaterThan(60)
  expect([...classes.keys()].sort()).toEqual(rows.map(({ name }) => name).sort())
  const known = new Set(tableOf('Data').map(([name]) => name))
  expect([...classes].filter(([, name]) => !known.has(name))).toEqual([])
})
