import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import type { TestDatabase } from '../../../../tests/support/test-postgres.ts'
import { CLASSIFICATIONS } from '../audit/rules.ts'
import { columnsOf, INVENTORY } from './data-inventory.ts'

let portal: TestDatabase
let engine: TestDatabase
beforeAll(async () => {
  portal = await createTestDatabase('portal')
  engine = await createTestDatabase('engine')
})
afterAll(async () => {
  await portal?.close()
  await engine?.close()
})

async function columnsIn({ pool }: TestDatabase, schemas: string[]): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select (case when c.table_schema = 'public' then '' else c.table_schema || '.' end) || c.table_name || '.' || c.column_name as name
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where t.table_type = 'BASE TABLE' and c.table_schema = any($1)`,
    [schemas],
  )
  return rows.map(({ name }) => name).sort()
}

describe('the inventory of data', () => {
  it('[DRR-01] names every column that a migration has made, and none that is gone', async () => {
    const there = [
      ...(await columnsIn(portal, ['public', 'graphile_worker'])),
      ...(await columnsIn(engine, ['engine', 'engine_worker'])),
    ].sort()
    const named = INVENTORY.flatMap((data) =>
      columnsOf(data).map(({ column }) => `${data.table}.${column}`),
    ).sort()
    // To be mended in the personal-data.ts of the module whose table it is.
    expect(there.filter((name) => !named.includes(name))).toEqual([])
    expect(named.filter((name) => !there.includes(name))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
  })

  it('[DRR-10] [ASVS-14.1.1] labels each table from the one set, the same as the log’s', () => {
    const labels = new Set(INVENTORY.map(({ label }) => label))
    expect([...labels].sort()).toEqual([...CLASSIFICATIONS].sort())
  })

  it('says of each table that tells of people what becomes of it', () => {
    const silent = INVENTORY.filter(
      (data) => data.of !== 'nobody' && columnsOf(data).every(({ fate }) => fate === null),
    )
    expect(silent.map(({ table }) => table)).toEqual([])
  })
})
