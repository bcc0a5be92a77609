import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import type { DaySize, Growth } from '../answers.ts'
import { runSql, type SqlRunner } from '../sql-runner.ts'

const DAY_MS = 86_400_000
/** ALV-08. */
export const GROWTH_BAR_PERCENT = 15
const QUARTER_DAYS = 91
/** A measure of that day may be missing; the nearest older one within a week does. */
const SLACK_DAYS = 7

/** Growth of the last quarter by the measured days, oldest first. Pure. */
export function growthOf(days: readonly DaySize[]): Growth {
  const newest = days.at(-1)
  if (!newest) return null
  const then = Date.parse(newest.day) - QUARTER_DAYS * DAY_MS
  const before = days.findLast(({ day }) => Date.parse(day) <= then)
  if (!before || before.totalBytes === 0 || then - Date.parse(before.day) > SLACK_DAYS * DAY_MS) return null
  const percent = (newest.totalBytes / before.totalBytes - 1) * 100
  return {
    fromDay: before.day,
    toDay: newest.day,
    percent: Math.round(percent * 10) / 10,
    barPercent: GROWTH_BAR_PERCENT,
    isBeyond: percent > GROWTH_BAR_PERCENT,
  }
}

/** Measured days, oldest first. */
export async function readSizes(runner: SqlRunner, now: Date, days: number): Promise<DaySize[]> {
  return await runSql<DaySize>(
    runner,
    `select day::text, events::float8, hot_bytes::float8 as "hotBytes", warm_bytes::float8 as "warmBytes",
      index_bytes::float8 as "indexBytes", tree_bytes::float8 as "treeBytes", archive_bytes::float8 as "archiveBytes",
      (hot_bytes + warm_bytes + index_bytes + tree_bytes + archive_bytes)::float8 as "totalBytes"
    from audit_sizes where day > ($1::timestamptz at time zone 'UTC')::date - $2::int order by day`,
    [now, days],
  )
}

const MEASURE = `insert into audit_sizes
    (day, measured_at, events, hot_bytes, warm_bytes, index_bytes, tree_bytes, archive_bytes)
  select ($1::timestamptz at time zone 'UTC')::date, $1, (select size from audit_head),
    pg_total_relation_size('audit_events'), pg_total_relation_size('audit_ranges'),
    pg_total_relation_size('audit_leaves') + pg_total_relation_size('audit_search'), pg_total_relation_size('audit_tiles') + pg_total_relation_size('audit_checkpoints'),
    coalesce((select sum(object_bytes) from audit_ranges), 0)
  on conflict (day) do update set measured_at = excluded.measured_at, events = excluded.events,
    hot_bytes = excluded.hot_bytes, warm_bytes = excluded.warm_bytes, index_bytes = excluded.index_bytes,
    tree_bytes = excluded.tree_bytes, archive_bytes = excluded.archive_bytes`

/** Daily: the log's sizes, and whether the last quarter's growth is beyond its bar. */
export const measureSizes = job({
  name: 'audit.sizes',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '5 1 * * *',
  async run({ app, ctx }) {
    await app.pool.query(MEASURE, [ctx.now])
    const growth = growthOf(await readSizes(app.pool, ctx.now, QUARTER_DAYS + SLACK_DAYS + 2))
    if (!growth?.isBeyond) return await app.ports.alerts.resolve('audit.growth')
    const { percent, fromDay, toDay } = growth
    await app.ports.alerts.raise({
      key: 'audit.growth',
      severity: 'warning',
      summary: `The audit log’s storage grew by ${percent} % in a quarter; ${GROWTH_BAR_PERCENT} % is the bar.`,
      details: { percent, from: fromDay, to: toDay },
      audience: ['finance'],
    })
  },
})
