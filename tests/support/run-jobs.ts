import { expect } from 'vitest'
import { startJobs } from '../../portal/src/platform/job-queue.ts'
import { jobs } from '../../portal/src/registry.ts'
import type { TestApp } from './test-app.ts'

/**
 * Without their schedules: those go by the machine's clock, and a test's stands elsewhere. A run that met the end of a minute
 * would work on what a test has not come to yet; a test that wants such a job runs it by name.
 */
const unscheduled = jobs.map(({ schedule: _, ...job }) => job)

/** Runs the portal's queue until nothing is due; what failed and waits for its next try stays. */
export async function runJobs({ app }: Pick<TestApp, 'app'>): Promise<void> {
  const worker = await startJobs(app, app.pool, unscheduled)
  try {
    await expect.poll(() => countDue(app), { timeout: 50_000, interval: 20 }).toBe(0)
  } finally {
    await worker.stop()
  }
}

async function countDue(app: TestApp['app']): Promise<number> {
  const { rows } = await app.pool.query<{ due: number }>(
    'select count(*) as due from graphile_worker.jobs where run_at <= now() and attempts < max_attempts',
  )
  return rows[0]!.due
}
