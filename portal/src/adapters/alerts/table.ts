import type pg from 'pg'
import type { Log } from '#portal/platform/log.ts'
import { type AlertChannelName, type AlertsPort, SEVERITIES, type Severity, TOLD_FROM } from './port.ts'

const LEVEL = { info: 'info', warning: 'warn', critical: 'error' } as const

/** The job that tells one channel, ordered in the statement that writes its row; run by modules/notifications. */
const ORDER = `graphile_worker.add_job('alerts.deliver', json_build_object('deliveryId', id), max_attempts := 8,
  queue_name := 'alert:' || alert_id || ':' || channel, job_key := 'alert:' || id)`

const RAISE = `
  with raised as (
    insert into alerts (key, severity, summary, details, raised_at, last_raised_at, audience)
    values ($1, $2, $3, $4, $5, $5, $7)
    on conflict (key) where resolved_at is null do update set
      count = alerts.count + 1, last_raised_at = excluded.last_raised_at,
      severity = excluded.severity, summary = excluded.summary, details = excluded.details,
      audience = excluded.audience
    returning id, count
  ), told as (
    insert into alert_deliveries (alert_id, channel, event, created_at)
    select raised.id, channel, 'raised', $5 from raised, unnest($6::text[]) as channel where raised.count = 1
    returning id, alert_id, channel
  ), ordered as materialized (select ${ORDER} from told)
  select count, (select count(*) from ordered) as channels from raised`

const RESOLVE = `
  with resolved as (
    update alerts set resolved_at = $2 where key = $1 and resolved_at is null returning id
  ), told as (
    insert into alert_deliveries (alert_id, channel, event, created_at)
    select d.alert_id, d.channel, 'resolved', $2 from alert_deliveries d join resolved r on r.id = d.alert_id
    where d.event = 'raised'
    on conflict do nothing
    returning id, alert_id, channel
  ), ordered as materialized (select ${ORDER} from told)
  select id, (select count(*) from ordered) as channels from resolved`

/**
 * Alerts in the log and in the database, where staff see what is open, and from there to the channels, once a cause:
 * raised again while open, an alert is counted and not told anew. Never throws: an alert that can't be kept is still
 * in the log.
 */
export function createAlerts(options: {
  pool: pg.Pool
  log: Log
  clock: () => Date
  channels: readonly AlertChannelName[]
}): AlertsPort {
  const { pool, log, clock, channels } = options
  const toldOf = (severity: Severity, not: AlertChannelName | undefined) =>
    channels.filter(
      (channel) => channel !== not && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(TOLD_FROM[channel]),
    )
  return {
    async raise({ key, severity, summary, details = {}, not, audience = ['operations'] }) {
      try {
        const values = [
          key,
          severity,
          summary,
          JSON.stringify(details),
          clock(),
          toldOf(severity, not),
          audience,
        ]
        const { rows } = await pool.query<{ count: number }>(RAISE, values)
        if (rows[0]?.count === 1) log[LEVEL[severity]]({ alert: key, severity, details }, summary)
      } catch (error) {
        log[LEVEL[severity]]({ alert: key, severity, details, err: error }, `${summary} (alert not stored)`)
      }
    },
    async resolve(key) {
      try {
        const resolved = await pool.query(RESOLVE, [key, clock()])
        if (resolved.rowCount) log.info({ alert: key }, 'alert resolved')
      } catch (error) {
        log.warn({ alert: key, err: error }, 'alert not resolved: the database did not answer')
      }
    },
  }
}
