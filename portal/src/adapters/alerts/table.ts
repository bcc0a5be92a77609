import type pg from 'pg'
import type { Log } from '#portal/platform/log.ts'
import type { AlertsPort } from './port.ts'

const LEVEL = { info: 'info', warning: 'warn', critical: 'error' } as const

/**
 * Alerts in the log and in the database, where staff see what is open. Raised again while open, an alert is counted
 * and not told anew. Never throws: an alert that can't be kept is still in the log.
 */
export function createAlerts(options: { pool: pg.Pool; log: Log; clock: () => Date }): AlertsPort {
  const { pool, log, clock } = options
  return {
    async raise({ key, severity, summary, details = {} }) {
      try {
        const { rows } = await pool.query<{ count: number }>(
          `insert into alerts (key, severity, summary, details, raised_at, last_raised_at)
           values ($1, $2, $3, $4, $5, $5)
           on conflict (key) where resolved_at is null do update set
             count = alerts.count + 1, last_raised_at = excluded.last_raised_at,
             severity = excluded.severity, summary = excluded.summary, details = excluded.details
           returning count`,
          [key, severity, summary, JSON.stringify(details), clock()],
        )
        if (rows[0]?.count === 1) log[LEVEL[severity]]({ alert: key, severity, details }, summary)
      } catch (error) {
        log[LEVEL[severity]]({ alert: key, severity, details, err: error }, `${summary} (alert not stored)`)
      }
    },
    async resolve(key) {
      try {
        const resolved = await pool.query(
          'update alerts set resolved_at = $2 where key = $1 and resolved_at is null',
          [key, clock()],
        )
        if (resolved.rowCount) log.info({ alert: key }, 'alert resolved')
      } catch (error) {
        log.warn({ alert: key, err: error }, 'alert not resolved: the database did not answer')
      }
    },
  }
}
