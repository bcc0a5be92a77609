import { and, eq, isNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { job } from '#portal/platform/job.ts'
import { telemetryExports, telemetryProcesses } from '../tables.ts'
import { exportKey } from './export-telemetry.ts'
import { DAY_MS, purgePoints, rollUp } from './store-points.ts'

const PROCESSES_KEPT_DAYS = 2

/**
 * Adds minutes up to hours, and removes what is kept no longer: minutes after eight days, hours after 180, exports after
 * a year. Says what it did.
 */
export const tendTelemetry = job({
  name: 'telemetry.tend',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '6 * * * *',
  async run({ app, ctx }) {
    const hours = await app.db.transaction((tx) => rollUp(tx, ctx.now))
    const removed = await app.db.transaction((tx) => purgePoints(tx, ctx.now))
    const exports = await purgeExports(app, ctx.now)
    await app.db
      .delete(telemetryProcesses)
      .where(lt(telemetryProcesses.beatAt, new Date(ctx.now.getTime() - PROCESSES_KEPT_DAYS * DAY_MS)))
    app.log.info({ rolledUp: hours, removedPoints: removed, removedExports: exports }, 'metrics tended')
  },
})

/** The file first: an export whose row says that it is gone must be gone. */
async function purgeExports(app: App, now: Date): Promise<number> {
  const due = await app.db
    .select({ id: telemetryExports.id })
    .from(telemetryExports)
    .where(and(lt(telemetryExports.expiresAt, now), isNull(telemetryExports.deletedAt)))
    .limit(1000)
  for (const { id } of due) {
    await app.ports.storage.delete(exportKey(id))
    await app.db.update(telemetryExports).set({ deletedAt: now }).where(eq(telemetryExports.id, id))
  }
  return due.length
}
