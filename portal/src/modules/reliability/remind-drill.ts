import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Settings } from '#portal/platform/env.ts'
import { job } from '#portal/platform/job.ts'

/** How many months a period has. */
const MONTHS = { monthly: 1, quarterly: 3, 'half-yearly': 6 } as const

/** The period that a moment lies in, such as `2026-10` for the quarter from October; null where no drill is asked for. */
export function drillPeriod(schedule: Settings['INCIDENT_DRILL_SCHEDULE'], now: Date): string | null {
  if (schedule === 'off') return null
  const first = now.getUTCMonth() - (now.getUTCMonth() % MONTHS[schedule])
  return `${now.getUTCFullYear()}-${String(first + 1).padStart(2, '0')}`
}

/**
 * Once a period, tells operations that an incident drill is due. Whoever ends the alert says with their reason what the drill
 * showed: that stays in the log.
 */
export const remindOfDrill = job({
  name: 'reliability.drill-due',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '0 9 * * *',
  async run({ app, ctx }) {
    const period = drillPeriod(app.settings.INCIDENT_DRILL_SCHEDULE, ctx.now)
    if (period === null) return
    const key = `drill.due:${period}`
    const { rowCount } = await app.db.execute(sql`select from alerts where key = ${key} limit 1`)
    if (rowCount) return
    await app.ports.alerts.raise({
      key,
      severity: 'info',
      summary: `An incident drill is due in the period from ${period} on. Run one, then end this with what it showed.`,
      details: { period, schedule: app.settings.INCIDENT_DRILL_SCHEDULE },
    })
  },
})
