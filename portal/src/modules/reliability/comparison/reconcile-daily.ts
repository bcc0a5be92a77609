import { inArray, max } from 'drizzle-orm'
import { z } from 'zod'
import { whenMigrated } from '#portal/platform/db.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { reconciliations } from '../tables.ts'
import { startReconciliation } from './start-reconciliation.ts'

const OVERDUE_MS = 26 * 3_600_000

/** Compares and repairs once a day. */
export const reconcileDaily = job({
  name: 'reliability.reconcile',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '50 2 * * *',
  async run({ app, ctx }) {
    try {
      await app.call(startReconciliation, { mode: 'apply' }, ctx)
    } catch (error) {
      // One that runs already does just as well.
      if (!isAppError(error) || error.code !== 'conflict') throw error
    }
  },
})

/** Tells where the daily comparison has not come to its end for 26 hours, whatever kept it. */
export const watchReconciliation = job({
  name: 'reliability.watch-reconciliation',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '35 * * * *',
  async run({ app, ctx }) {
    const [row] = await app.db
      .select({ at: max(reconciliations.finishedAt) })
      .from(reconciliations)
      .where(inArray(reconciliations.status, ['done', 'held', 'superseded']))
    const since = row?.at ?? (await whenMigrated(app.db, '0063_reconcile.sql')) ?? ctx.now
    const key = 'reconciliation.overdue'
    if (ctx.now.getTime() - since.getTime() <= OVERDUE_MS) return await app.ports.alerts.resolve(key)
    await app.ports.alerts.raise({
      key,
      severity: 'critical',
      summary: 'Nothing has been compared with the video service for more than 26 hours.',
      details: { hours: Math.floor((ctx.now.getTime() - since.getTime()) / 3_600_000) },
    })
  },
})
