import type { Portal } from './compose.ts'
import { createWordIndexer } from './modules/audit/index-words.ts'
import { startWitnessing } from './modules/audit/witness/start-witnessing.ts'
import { createPool } from './platform/db.ts'
import { startJobs } from './platform/job-queue.ts'
import { jobs } from './registry.ts'

/** The queue, the audit log's sequencer and its witnesses; as many processes as wanted, each with its own connections. */
export async function startWorker(portal: Portal): Promise<{ stop(): Promise<void> }> {
  const { app, auditLog, database } = portal
  const pool = createPool({ ...database, max: 10 }, app.log)
  const running = await startJobs(app, pool, jobs)
  await auditLog.sequencer.start()
  const witnessing = startWitnessing(app, auditLog)
  const words = createWordIndexer({ pool: auditLog.pool, log: app.log })
  words.start()
  return {
    async stop() {
      await running.stop()
      await witnessing.stop()
      await words.stop()
      await auditLog.sequencer.stop()
      await pool.end()
    },
  }
}
