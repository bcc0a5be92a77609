import { expect, it, vi } from 'vitest'
import { jobs } from '#portal/registry.ts'
import { createTestApp } from '../../../tests/support/test-app.ts'
import { startJobs } from './job.ts'

it('a worker that ends although nobody stopped it is noticed; one that was stopped is not', async () => {
  const t = await createTestApp()
  const onEnded = vi.fn()
  await (await startJobs(t.app, t.app.pool, jobs, onEnded)).stop()
  expect(onEnded).not.toHaveBeenCalled()
  const worker = await startJobs(t.app, t.app.pool, jobs, onEnded)
  // The queue's own news of another version's migration, at which a worker shuts itself down. It is heard from the
  // moment that the worker listens.
  const exitCode = process.exitCode
  await vi.waitFor(
    async () => {
      await t.app.pool.query(
        `select pg_notify('worker:migrate', '{"migrationNumber": 999, "breaking": true}')`,
      )
      expect(onEnded).toHaveBeenCalledOnce()
    },
    { timeout: 15_000, interval: 100 },
  )
  process.exitCode = exitCode
  await worker.stop()
  await t.stop()
}, 30_000)
