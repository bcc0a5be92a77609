import pino from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../tests/support/database.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { createPool, inTransaction } from './db.ts'
import { addJob, startJobs } from './job-runner.ts'

const log = pino({ level: 'silent' })
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase('engine')
})
afterAll(() => database.close())

it('runs again what a killed worker held', async () => {
  await addJob(database.pool, 'held', { n: 1 })
  await database.pool.query(
    `update engine_worker._private_jobs set locked_by = 'pool-of-a-dead-process', locked_at = now(), attempts = 1`,
  )
  const held = vi.fn()
  const jobs = await startJobs(database.pool, [{ tasks: { held }, concurrency: 1 }], log)
  await vi.waitFor(() => expect(held).toHaveBeenCalled(), 30_000)
  await jobs.stop()
  const { rows } = await database.pool.query('select 1 from engine_worker.jobs')
  expect(rows).toEqual([])
})

it('leaves alone what a living worker holds', async () => {
  let finish: () => void = () => undefined
  const work = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)))
  const pool = createPool(database.poolConfig, log)
  const living = await startJobs(pool, [{ tasks: { work }, concurrency: 1 }], log)
  const sweeps = vi.fn()
  const bystander = await startJobs(database.pool, [{ tasks: { work: sweeps }, concurrency: 1 }], log)
  await addJob(database.pool, 'work', {})
  await vi.waitFor(() => expect(work.mock.calls.length + sweeps.mock.calls.length).toBe(1), 30_000)
  // Two sweeps of each process go by.
  const began = Date.now()
  await vi.waitFor(() => expect(Date.now() - began).toBeGreaterThan(4500), 30_000)
  expect(work.mock.calls.length + sweeps.mock.calls.length).toBe(1)
  finish()
  await Promise.all([living.stop(), bystander.stop()])
  await pool.end()
})

it('marks a job done before stop returns', async () => {
  const pool = createPool(database.poolConfig, log)
  const task = vi.fn()
  const jobs = await startJobs(pool, [{ tasks: { task }, concurrency: 2 }], log)
  await addJob(pool, 'task', {})
  await vi.waitFor(() => expect(task).toHaveBeenCalled(), 30_000)
  await jobs.stop()
  await pool.end()
  const { rows } = await database.pool.query(
    `select 1 from engine_worker.jobs where task_identifier = 'task'`,
  )
  expect(rows).toEqual([])
})

it('has not stopped before a job that failed meanwhile is marked', async () => {
  const pool = createPool(database.poolConfig, log)
  let fail: () => void = () => undefined
  const failing = vi.fn(() => new Promise<void>((_, reject) => (fail = () => reject(new Error('stopping')))))
  const jobs = await startJobs(pool, [{ tasks: { failing }, concurrency: 1 }], log)
  await addJob(pool, 'failing', {})
  await vi.waitFor(() => expect(failing).toHaveBeenCalled(), 30_000)
  const stopped = vi.fn()
  let stopping: Promise<void> = Promise.resolve()
  await inTransaction(database.pool, async (tx) => {
    await tx.query('select 1 from engine_worker._private_jobs for update')
    stopping = jobs.stop().then(stopped)
    fail()
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%_private_jobs%'`
    for (let seen = 0; seen < 10; ) seen += (await database.pool.query(waiting)).rowCount ?? 0
    expect(stopped).not.toHaveBeenCalled()
  })
  await stopping
  await pool.end()
  const { rows } = await database.pool.query(
    `select locked_at, last_error from engine_worker.jobs where task_identifier = 'failing'`,
  )
  expect(rows).toEqual([{ locked_at: null, last_error: 'stopping' }])
})

it('holds up no lane by another’s long work', async () => {
  let finish: () => void = () => undefined
  const long = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)))
  const short = vi.fn()
  const lanes = [
    { tasks: { long }, concurrency: 1 },
    { tasks: { short }, concurrency: 1 },
  ]
  const jobs = await startJobs(database.pool, lanes, log)
  await addJob(database.pool, 'long', {})
  await vi.waitFor(() => expect(long).toHaveBeenCalled(), 30_000)
  await addJob(database.pool, 'short', {})
  await vi.waitFor(() => expect(short).toHaveBeenCalled(), 30_000)
  finish()
  await jobs.stop()
})

it('adds no job when the transaction is rolled back', async () => {
  await inTransaction(database.pool, async (tx) => {
    await addJob(tx, 'never', {})
    throw new Error('rolled back')
  }).catch(() => undefined)
  const { rows } = await database.pool.query(
    `select 1 from engine_worker.jobs where task_identifier = 'never'`,
  )
  expect(rows).toEqual([])
})

it('takes its life sign again when the database has dropped it', async () => {
  const pool = createPool(database.poolConfig, log)
  const jobs = await startJobs(pool, [{ tasks: {}, concurrency: 1 }], log)
  const signs = async () =>
    (
      await database.pool.query<{ pid: number }>(
        `select pid from pg_locks join pg_database d on d.oid = database
         where locktype = 'advisory' and d.datname = current_database() and granted`,
      )
    ).rows.map(({ pid }) => pid)
  const before = await signs()
  expect(before).toHaveLength(1)
  await database.pool.query('select pg_terminate_backend($1)', before)
  await vi.waitFor(async () => {
    const now = await signs()
    expect(now).toHaveLength(1)
    expect(now).not.toEqual(before)
  }, 30_000)
  await jobs.stop()
  await pool.end()
  await vi.waitFor(async () => expect(await signs()).toEqual([]), 30_000)
})

it('starts a lane again that ends although nobody stopped it', async () => {
  const pool = createPool(database.poolConfig, log)
  const task = vi.fn()
  const told = vi.spyOn(log, 'error')
  const jobs = await startJobs(pool, [{ tasks: { again: task }, concurrency: 1 }], log)
  const exitCode = process.exitCode
  await vi.waitFor(
    async () => {
      await pool.query(`select pg_notify('worker:migrate', '{"migrationNumber": 999, "breaking": true}')`)
      expect(told).toHaveBeenCalled()
    },
    { timeout: 30_000, interval: 100 },
  )
  process.exitCode = exitCode
  told.mockRestore()
  await addJob(pool, 'again', {})
  await vi.waitFor(() => expect(task).toHaveBeenCalled(), { timeout: 45_000 })
  await jobs.stop()
  await pool.end()
}, 90_000)

it('takes jobs though the connection breaks over which it asks for the numbers of its tasks', async () => {
  const pool = createPool(database.poolConfig, log)
  const locking = await database.pool.connect()
  await locking.query('begin; lock table engine_worker._private_tasks in access exclusive mode')
  const numbered = vi.fn()
  const jobs = await startJobs(pool, [{ tasks: { numbered }, concurrency: 1 }], log)
  const asking = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query ~ '_private_tasks as tasks'`
  // Not asked within the transaction: there PostgreSQL goes on telling what was so at the first look.
  await vi.waitFor(async () => expect((await database.pool.query(asking)).rowCount).toBe(1), 30_000)
  await locking.query('commit')
  locking.release()
  await addJob(database.pool, 'numbered', {})
  await vi.waitFor(() => expect(numbered).toHaveBeenCalled(), 30_000)
  await jobs.stop()
  await pool.end()
}, 90_000)

it('lives through connections that are ended while it works', async () => {
  const pool = createPool(database.poolConfig, log)
  const seen = new Set<number>()
  const note = (payload: unknown) => void seen.add((payload as { n: number }).n)
  const jobs = await startJobs(pool, [{ tasks: { note }, concurrency: 2 }], log)
  for (let n = 0; n < 60; n += 1) {
    await addJob(database.pool, 'note', { n })
    if (n % 6 === 0)
      await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and query ~ 'engine_worker|pg_advisory_lock'`)
  }
  await vi.waitFor(() => expect(seen.size).toBe(60), { timeout: 45_000, interval: 100 })
  const left = `select 1 from engine_worker.jobs where task_identifier = 'note'`
  await vi.waitFor(async () => expect((await database.pool.query(left)).rowCount).toBe(0), 45_000)
  await jobs.stop()
  await pool.end()
}, 120_000)
