import pino from 'pino'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { createTestApp } from '../../../../tests/support/test-app.ts'
import { until } from '../../../../tests/support/until.ts'
import { counting, limitsContract } from './contract.ts'
import { createPostgresStore } from './postgres.ts'
import { remembering } from './remember.ts'

const log = pino({ level: 'silent' })

limitsContract('Postgres', async () => {
  const database = await createTestDatabase('portal')
  const node = () => remembering(createPostgresStore({ database: database.poolConfig, log }))
  const nodes = [node(), node()]
  return {
    nodes: [nodes[0]!, nodes[1]!],
    // As PostgreSQL does with unlogged tables after a crash.
    lose: async () => void (await database.pool.query('truncate limit_arrivals, limit_epoch')),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      await database.close()
    },
  }
})

it('[RLA-01] admits exactly the burst where each of many processes asks for one check, in whatever order of its keys', async () => {
  const database = await createTestDatabase('portal')
  const nodes = Array.from({ length: 12 }, () =>
    remembering(createPostgresStore({ database: database.poolConfig, log })),
  )
  const slow = { cost: 1, emissionUs: 600_000_000 }
  for (const node of nodes) await counting(node)
  for (let round = 0; round < 25; round += 1) {
    const few = { key: `few ${round}`, burst: 5, ...slow }
    const many = { key: `a lot ${round}`, burst: 100, ...slow }
    const checks = nodes.map((node, n) => node.take(n % 2 ? [few, many] : [many, few]).catch(() => null))
    const verdicts = await Promise.all(checks)
    const admitted = verdicts.filter((verdict) => verdict?.admitted).length
    expect(admitted).toBeLessThanOrEqual(5)
    // On a crowded machine an answer may come too late for who asked, and is counted.
    if (verdicts.includes(null)) continue
    expect(admitted).toBe(5)
    const { rows } = await database.pool.query<{ owed: number }>(
      `select round((arrival_us - extract(epoch from clock_timestamp()) * 1000000) / 600000000)::int owed
       from limit_arrivals where key = $1`,
      [many.key],
    )
    expect(rows).toEqual([{ owed: 5 }])
  }
  await Promise.all(nodes.map((node) => node.stop()))
  await database.close()
})

it('[RLA-01] forgives nothing of what others were admitted to while it waited for them', async () => {
  const database = await createTestDatabase('portal')
  const node = remembering(createPostgresStore({ database: database.poolConfig, log }))
  const slow = { cost: 1, burst: 1, emissionUs: 600_000_000 }
  await counting(node)
  const other = await database.pool.connect()
  await other.query('begin')
  await other.query(`insert into limit_arrivals (key, arrival_us) values ('one', 0)`)
  const waiting = node.take([
    { ...slow, key: 'also' },
    { ...slow, key: 'one' },
  ])
  await until('it waits for the other', async () => {
    const { rows } = await database.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%limit_judge_few%'`,
    )
    return rows[0]
  })
  const { rows } = await other.query<{ arrival_us: string }>(
    `update limit_arrivals set arrival_us = extract(epoch from clock_timestamp()) * 1000000 + 600000000
     where key = 'one' returning arrival_us`,
  )
  await other.query('commit')
  other.release()
  expect((await waiting).admitted).toBe(false)
  const after = await database.pool.query(
    `select key, arrival_us from limit_arrivals where key in ('also', 'one') order by key`,
  )
  expect(after.rows[1]).toEqual({ key: 'one', arrival_us: rows[0]?.arrival_us })
  expect((await node.take([{ ...slow, key: 'also' }])).admitted).toBe(true)
  await node.stop()
  await database.close()
})

it.each(['a check', 'many checks'])(
  'waits with no key in hand that comes later than the one it waits for: %s',
  async (asked) => {
    const database = await createTestDatabase('portal')
    const node = remembering(createPostgresStore({ database: database.poolConfig, log }))
    await counting(node)
    await database.pool.query(`insert into limit_arrivals (key, arrival_us) values ('later', 0)`)
    const other = await database.pool.connect()
    await other.query('begin')
    await other.query(`insert into limit_arrivals (key, arrival_us) values ('earlier, and new', 0)`)
    const [later, earlier] = ['later', 'earlier, and new'].map((key) => ({
      key,
      cost: 1,
      burst: 9,
      emissionUs: 1,
    }))
    // A key twice makes it the statement for many.
    const waiting = node.take([later!, earlier!, ...(asked === 'a check' ? [] : [earlier!])])
    await until('it waits for the other', async () => {
      const { rows } = await database.pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%limit_judge%'`,
      )
      return rows[0]
    })
    await other.query(`select from limit_arrivals where key = 'later' for update nowait`)
    await other.query('commit')
    other.release()
    expect((await waiting).admitted).toBe(true)
    await node.stop()
    await database.close()
  },
)

it('[RLA-01] counts while the requests at work hold every connection that they may have', async () => {
  const t = await createTestApp({}, await createTestDatabase('portal'))
  const { limits } = t.app.ports
  const busy = await Promise.all(Array.from({ length: t.app.pool.options.max }, () => t.app.pool.connect()))
  await counting(limits)
  const use = { key: 'one', cost: 1, burst: 1, emissionUs: 600_000_000 }
  expect((await limits.take([use])).admitted).toBe(true)
  expect((await limits.take([use])).admitted).toBe(false)
  for (const client of busy) client.release()
  await t.stop()
})

it('[RLA-01] gives up what hangs with its connection: the next checks are counted', async () => {
  const database = await createTestDatabase('portal')
  const limits = remembering(createPostgresStore({ database: database.poolConfig, log }))
  await counting(limits)
  const other = await database.pool.connect()
  await other.query('begin')
  await other.query(`insert into limit_arrivals (key, arrival_us) values ('held', 0)`)
  const use = { key: 'held', cost: 1, burst: 5, emissionUs: 600_000_000 }
  // More than it has connections.
  for (let n = 0; n < 4; n += 1) await expect(limits.take([use])).rejects.toThrow()
  expect((await limits.take([{ ...use, key: 'free' }])).admitted).toBe(true)
  await other.query('rollback')
  other.release()
  await limits.stop()
  await database.close()
})

it('throws where the database is gone, so that nobody takes silence for a yes', async () => {
  const limits = remembering(createPostgresStore({ database: { host: '127.0.0.1', port: 1 }, log }))
  await expect(limits.take([{ key: 'any', cost: 1, burst: 1, emissionUs: 1000 }])).rejects.toThrow()
  await limits.stop()
})

it.each(['1 hour', '-1 hour'])(
  'gives no new burst, on whichever node, where the clock leaps by %s',
  async (leap) => {
    const database = await createTestDatabase('portal')
    // Ahead of pg_catalog in the path of these connections: a clock that can be set.
    await database.pool.query(`
    create schema shifted;
    create table shifted.clock (by interval not null);
    insert into shifted.clock values ('0');
    create function shifted.clock_timestamp() returns timestamptz language sql volatile as
      'select pg_catalog.clock_timestamp() + by from shifted.clock'`)
    const shifted = { ...database.poolConfig, options: '-c search_path=shifted,pg_catalog,public' }
    const nodes = [1, 2].map(() => remembering(createPostgresStore({ database: shifted, log })))
    const [one, two] = [nodes[0]!, nodes[1]!]
    const use = { key: 'one', cost: 1, burst: 3, emissionUs: 600_000_000 }
    for (const node of nodes) await counting(node)
    for (let n = 0; n < 3; n++) expect((await one.take([use])).admitted).toBe(true)
    await database.pool.query('update shifted.clock set by = $1', [leap])
    // The one that knows nothing of the key asks first, and again when the store is believed again.
    expect(await two.take([use]).catch(() => null)).not.toMatchObject({ admitted: true })
    await counting(two)
    expect((await two.take([use])).admitted).toBe(false)
    const { rows } = await database.pool.query('select born_us > 0 renewed from limit_epoch')
    expect(rows).toEqual([{ renewed: true }])
    await Promise.all(nodes.map((node) => node.stop()))
    await database.close()
  },
)
