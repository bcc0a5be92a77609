import pg from 'pg'
import { expect, it } from 'vitest'
import { createTestDatabase } from './database.ts'

it.each([
  ['portal', 'public.portal_migrations', 'graphile_worker.jobs'],
  ['engine', 'engine.migrations', 'engine_worker.jobs'],
] as const)(
  'gives a migrated database with the tables of the %s and its queue',
  async (schema, migrations, jobs) => {
    const database = await createTestDatabase(schema)
    const { rows } = await database.pool.query(
      'select to_regclass($1) as migrations, to_regclass($2) as jobs',
      [migrations, jobs],
    )
    expect(rows[0]).toEqual({ migrations: migrations.replace('public.', ''), jobs })
    await database.close()
  },
)

it('gives each caller a database of its own, reachable by URL, and drops it', async () => {
  const [one, two] = await Promise.all([createTestDatabase('both'), createTestDatabase('both')])
  await one.pool.query('create table only_here ()')
  expect((await two.pool.query("select to_regclass('only_here') as found")).rows).toEqual([{ found: null }])
  await two.close()
  const client = new pg.Client(one.url)
  await client.connect()
  await client.query('select from only_here')
  await client.end()
  await one.close()
  await expect(new pg.Client(one.url).connect()).rejects.toMatchObject({ code: '3D000' })
})
