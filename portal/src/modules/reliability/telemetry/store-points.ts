import { type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '#portal/platform/db.ts'
import { METRIC_NAMES, METRICS, type MetricName } from '#portal/platform/metrics.ts'

export const MINUTES_KEPT_DAYS = 8
export const HOURS_KEPT_DAYS = 180
export const DAY_MS = 86_400_000

const GAUGES = METRIC_NAMES.filter((name) => METRICS[name].kind === 'gauge')
const gauges = () =>
  sql`(${sql.join(
    GAUGES.map((name) => sql`${name}`),
    sql`, `,
  )})`

/** Added up over a span; of a gauge, the last word. */
const added = () => sql`case when metric in ${gauges()}
  then (array_agg(sum order by at desc))[1] else sum(sum) end`

export type Point = {
  metric: MetricName
  series: string
  at: string
  sum: number
  count: number
  buckets: number[] | null
}

/** Hours up to the newest whole one come from the hours' points, what is newer from the minutes'. */
export async function readPoints(
  db: Db | Tx,
  metrics: readonly MetricName[],
  from: Date,
  until: Date,
  spanSeconds: number,
): Promise<Point[]> {
  const byHours = spanSeconds >= 3600
  const { rows } = await db.execute<Point>(sql`
    with rolled as (
      select case when ${byHours} then
        coalesce(max(at) + interval '1 hour', '-infinity') else '-infinity'::timestamptz end as until
      from metric_points where step = 3600
    )
    select metric, series,
      to_char(date_bin(make_interval(secs => ${spanSeconds}), at, ${from.toISOString()}::timestamptz)
        at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at,
      ${added()} as sum, sum(count)::float8 as count, sum_buckets(buckets)::float8[] as buckets
    from metric_points, rolled
    where metric in (${sql.join(
      metrics.map((name) => sql`${name}`),
      sql`, `,
    )})
      and at >= ${from.toISOString()}::timestamptz and at < ${until.toISOString()}::timestamptz
      and (step = 3600 and at < rolled.until or step = 60 and at >= rolled.until)
    group by 1, 2, 3 order by 1, 2, 3`)
  return rows
}

/** What one metric added since an instant, over all series that match. Minutes alone: for spans within their life. */
export async function sumSince(
  db: Db | Tx,
  metric: MetricName,
  from: Date,
  series?: SQL,
): Promise<{ sum: number; count: number; buckets: number[] | null }> {
  const { rows } = await db.execute<{ sum: number; count: number; buckets: number[] | null }>(sql`
    select coalesce(sum(sum), 0)::float8 as sum, coalesce(sum(count), 0)::float8 as count,
      sum_buckets(buckets)::float8[] as buckets
    from metric_points where step = 60 and metric = ${metric} and at >= ${from.toISOString()}::timestamptz
      ${series ? sql`and ${series}` : sql``}`)
  return rows[0] ?? { sum: 0, count: 0, buckets: null }
}

/** Adds whole hours up; repeated, it writes the same. Returns how many points it wrote. */
export async function rollUp(tx: Tx, now: Date): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    insert into metric_points (step, metric, at, series, count, sum, buckets)
    select 3600, metric, date_trunc('hour', at), series, sum(count), ${added()}, sum_buckets(buckets)
    from metric_points
    where step = 60 and at < date_trunc('hour', ${now.toISOString()}::timestamptz)
      and at >= coalesce((select max(at) from metric_points where step = 3600), '-infinity')
    group by metric, date_trunc('hour', at), series
    on conflict (step, metric, at, series) do update set
      count = excluded.count, sum = excluded.sum, buckets = excluded.buckets`)
  return rowCount ?? 0
}

/** Removes what is kept no longer. */
export async function purgePoints(tx: Tx, now: Date): Promise<{ minutes: number; hours: number }> {
  const remove = async (step: number, days: number) => {
    const before = new Date(now.getTime() - days * DAY_MS).toISOString()
    const { rowCount } = await tx.execute(
      sql`delete from metric_points where step = ${step} and at < ${before}::timestamptz`,
    )
    return rowCount ?? 0
  }
  return { minutes: await remove(60, MINUTES_KEPT_DAYS), hours: await remove(3600, HOURS_KEPT_DAYS) }
}
