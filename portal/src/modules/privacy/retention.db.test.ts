import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { listRetention } from './list-retention.ts'
import { retentionRules } from './retention-rules.ts'
import { runRetention } from './run-retention.ts'

const DAY = 86_400_000
let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const command = () => t.app.newContext({ kind: 'command', id: 'os:0' })
const eventIds = async () => (await query('select id from webhook_events order by id')).map(({ id }) => id)
const attempts = async () => (await query('select count(*) from webhook_attempts'))[0].count

async function event(id: string) {
  const now = t.app.clock()
  await query(
    `insert into webhook_events (id, provider, type, object_type, object_id, body, occurred_at, received_at)
     values ($1, 'mux', 'video.asset.ready', 'asset', $1, '{}', $2, $2)`,
    [id, now],
  )
  await query(
    `insert into webhook_attempts (event_id, number, origin, at, outcome, next_step) values ($1, 1, 'delivery', $2, 'failed', 'retry')`,
    [id, now],
  )
}

describe('retention', () => {
  it('[MUX-08] [ASVS-14.2.7] removes tries after 30 days and payloads after 90, and reports what it removed and what is left', async () => {
    await event('first')
    t.advance(29 * DAY)
    await event('second')
    const dry = await t.app.call(runRetention, {}, command())
    expect(dry.removals.every(({ removed }) => removed === 0)).toBe(true)
    t.advance(2 * DAY)
    const would = await t.app.call(runRetention, { dry: true }, command())
    expect(would.removals.find(({ table }) => table === 'webhook_attempts')).toMatchObject({ removed: 1 })
    expect(await attempts()).toBe(2)

    await t.app.runScheduledJob('privacy.retention')
    await runJobs(t)
    expect(await attempts()).toBe(1)
    expect(await eventIds()).toEqual(['first', 'second'])

    t.advance(60 * DAY)
    await t.app.runScheduledJob('privacy.retention')
    await runJobs(t)
    expect(await eventIds()).toEqual(['second'])
    const { runs } = await t.app.call(listRetention, { limit: 1 }, command())
    expect(runs[0]).toMatchObject({ dry: false })
    expect(runs[0]!.removals.map(({ table }) => table)).toEqual(retentionRules.map(({ table }) => table))
    const [secondAt] = await query(`select received_at from webhook_events where id = 'second'`)
    expect(runs[0]!.removals.find(({ table }) => table === 'webhook_events')).toMatchObject({
      removed: 1,
      keptDays: 90,
      oldestLeft: secondAt.received_at.toISOString(),
    })
    expect((await t.events()).filter(({ action }) => action === 'retention.run')).toHaveLength(4)
  })

  it('[ASVS-14.2.4] knows an existing column for each of its rules', async () => {
    for (const { table, column } of retentionRules) {
      const rows = await query(
        'select data_type from information_schema.columns where table_name = $1 and column_name = $2',
        [table, column],
      )
      expect(rows, `${table}.${column}`).toEqual([{ data_type: 'timestamp with time zone' }])
    }
  })
})
