import type pg from 'pg'
import { definitionOf, type MetricName } from './metrics.ts'
import type { Delta } from './telemetry.ts'

/** Sorted, so that two processes that write at once never wait for each other crosswise. */
const GIVEN = `with given as (
  select * from jsonb_to_recordset($1::jsonb)
    as d (metric text, series text, labels jsonb, count bigint, sum float8, buckets bigint[])
  order by metric, series)`

const MERGE = `count = kept.count + excluded.count,
  buckets = add_buckets(kept.buckets, excluded.buckets),
  sum = case when kept.metric = any($3) then excluded.sum else kept.sum + excluded.sum end`

const ADD_TOTALS = `${GIVEN}
  insert into metric_totals as kept (metric, series, labels, count, sum, buckets, updated_at)
  select metric, series, labels, count, sum, buckets, $2 from given
  on conflict (metric, series) do update set ${MERGE}, updated_at = excluded.updated_at`

const ADD_POINTS = `${GIVEN}
  insert into metric_points as kept (step, metric, at, series, count, sum, buckets)
  select 60, metric, date_trunc('minute', $2::timestamptz), series, count, sum, buckets from given
  on conflict (step, metric, at, series) do update set ${MERGE}`

/** Adds what a process counted to the totals and to the minute's points, both or neither. */
export async function writeDeltas(pool: pg.Pool, deltas: readonly Delta[], now: Date): Promise<void> {
  if (deltas.length === 0) return
  const gauges = deltas.map(({ metric }) => metric).filter((metric) => definitionOf(metric).kind === 'gauge')
  const values = [JSON.stringify(deltas), now, gauges]
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(ADD_TOTALS, values)
    await client.query(ADD_POINTS, values)
    await client.query('commit')
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}

export type Total = {
  metric: MetricName
  labels: { [name: string]: string }
  count: number
  sum: number
  /** How many measurements fell into each bucket; the last: above all bounds. */
  buckets: number[] | null
}

/** Everything that was ever counted, by all processes. */
export async function readTotals(pool: pg.Pool): Promise<Total[]> {
  const { rows } = await pool.query<Total>(
    `select metric, labels, count::float8 as count, sum, buckets::float8[] as buckets
     from metric_totals order by metric, series`,
  )
  return rows
}
