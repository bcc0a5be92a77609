import { mkdtemp, rm } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { cloneDatabase } from '../../../tests/support/test-postgres.ts'
import { createPool } from './db.ts'
import { openPostgres } from './embedded-postgres.ts'
import { enqueue, job } from './job.ts'
import { startJobs } from './job-queue.ts'
import { createLog } from './log.ts'

const PATIENCE = { timeout: 45_000, interval: 100 }

/** A job that notes which of its numbers it has had. */
function noting() {
  const seen = new Set<number>()
  const definition = job({
    name: 'test.note',
    input: z.object({ n: z.int() }),
    maxAttempts: 25,
    async run({ input }) {
      seen.add(input.n)
    },
  })
  return { definition, seen }
}

const order = (t: TestApp, { definition }: ReturnType<typeof noting>, ...numbers: number[]) =>
  t.app.db.transaction(async (tx) => {
    for (const n of numbers) await enqueue(tx, definition, { n })
  })

describe('a queue', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await createTestApp()
  })
  afterAll(() => t.stop())

  it('that ends by itself is started again in its process, and counted', async () => {
    const notes = noting()
    const queue = await startJobs(t.app, t.app.pool, [notes.definition])
    const restarts = vi.spyOn(t.app.telemetry, 'add')
    const exitCode = process.exitCode
    // The queue's own news of another version's migration, at which a worker shuts itself down. It is heard from the
    // moment that the worker listens.
    await vi.waitFor(async () => {
      await t.app.pool.query(
        `select pg_notify('worker:migrate', '{"migrationNumber": 999, "breaking": true}')`,
      )
      expect(restarts).toHaveBeenCalledWith('portal.queue.restarts', {})
    }, PATIENCE)
    process.exitCode = exitCode
    await order(t, notes, 1)
    await vi.waitFor(() => expect(notes.seen).toContain(1), PATIENCE)
    await queue.stop()
    restarts.mockRestore()
  }, 60_000)

  it('[ASVS-16.2.5] keeps of a failed query its text, and none of the values', async () => {
    const failing = job({
      name: 'test.fail',
      input: z.object({ email: z.string() }),
      maxAttempts: 25,
      run: async ({ app, input }) => void (await app.db.execute(sql`select 1 / 0, ${input.email}::text`)),
    })
    const queue = await startJobs(t.app, t.app.pool, [failing])
    await t.app.db.transaction((tx) => enqueue(tx, failing, { email: 'amy@x.example' }))
    const words = async () =>
      (await t.app.pool.query('select last_error from graphile_worker._private_jobs where attempts > 0')).rows
    await vi.waitFor(async () => expect(await words()).toHaveLength(1), PATIENCE)
    await vi.waitFor(
      async () => expect((await words())[0].last_error).toContain('Failed query: select 1 / 0'),
      PATIENCE,
    )
    expect(JSON.stringify(await words())).not.toContain('amy@')
    await queue.stop()
    await t.app.pool.query('delete from graphile_worker._private_jobs')
  }, 60_000)

  it('lives through connections that are ended while it works, and gives all of them back', async () => {
    const notes = noting()
    const pool = createPool({ connectionString: t.app.settings.DATABASE_URL, max: 8 }, t.app.log)
    const { rows } = await pool.query<{ name: string }>(`select current_database() as name`)
    const queue = await startJobs(t.app, pool, [notes.definition])
    const numbers = Array.from({ length: 120 }, (_, n) => n)
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = $1 and pid <> pg_backend_pid() and query ~ 'graphile_worker|pg_advisory_lock'`
    for (let from = 0; from < numbers.length; from += 10) {
      await order(t, notes, ...numbers.slice(from, from + 10))
      await t.app.pool.query(end, [rows[0]?.name])
    }
    await vi.waitFor(() => expect(notes.seen.size).toBe(numbers.length), PATIENCE)
    const left = async () => (await t.app.pool.query('select 1 from graphile_worker.jobs')).rowCount
    await vi.waitFor(async () => expect(await left()).toBe(0), PATIENCE)
    await queue.stop()
    expect(pool.totalCount - pool.idleCount).toBe(0)
    await pool.end()
  }, 120_000)
})

it('goes on when its database was stopped and comes back', async () => {
  const dataDir = await mkdtemp('/tmp/mm-queue-')
  const open = () => openPostgres({ dataDir, exclusive: true, log: createLog('silent'), onLost: () => {} })
  let server = await open()
  const database = await cloneDatabase(server.pool, 'portal')
  const t = await createTestApp({}, database)
  const notes = noting()
  const queue = await startJobs(t.app, t.app.pool, [notes.definition])
  await order(t, notes, 1)
  await vi.waitFor(() => expect(notes.seen).toContain(1), PATIENCE)
  await server.stop()
  await expect(t.app.pool.query('select 1')).rejects.toThrow()
  server = await open()
  await vi.waitFor(() => t.app.pool.query('select 1'), PATIENCE)
  await order(t, notes, 2)
  await vi.waitFor(() => expect(notes.seen).toContain(2), PATIENCE)
  await queue.stop()
  await t.stop()
  await server.stop()
  await rm(dataDir, { recursive: true })
}, 120_000)
