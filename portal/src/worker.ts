import type { Portal } from './compose.ts'
import { createPool } from './platform/db.ts'
import { startJobs } from './platform/job-queue.ts'
import { jobs } from './registry.ts'

/** The queue and the audit log's sequencer; as many processes as wanted, each with its own connections. */
export async function startWorker(portal: Portal): Promise<{ stop(): Promise<void> }> {
  const { app, auditLog, database } = portal
  const pool = createPool({ ...database, max: 10 }, app.log)
  const running = await startJobs(app, pool, jobs)
  await auditLog.sequencer.start()
  return {
    async stop() {
      await running.stop()
      await auditLog.sequencer.stop()
      await pool.end()
    },
  }
}
