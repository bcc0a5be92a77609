import { sql } from 'drizzle-orm'
import type { Db, Tx } from '#portal/platform/db.ts'
import { definitionOf, METRIC_NAMES, type MetricName } from '#portal/platform/metrics.ts'
import { read } from '#portal/platform/operation.ts'
import type { Objective, TelemetryRange, TelemetrySeries, TelemetryView } from '../answers.ts'
import { readTelemetryInput } from '../inputs.ts'
import { DASHBOARD_TARGET, FIRST_TRY_TARGET, quantileOf } from './judge-metrics.ts'
import { DAY_MS, type Point, readPoints } from './store-points.ts'

/** How long a range is, and how long a span that one point of it stands for, in seconds. */
export const SPANS: { [R in TelemetryRange]: { range: number; span: number } } = {
  '1h': { range: 3600, span: 60 },
  '24h': { range: 86_400, span: 600 },
  '7d': { range: 7 * 86_400, span: 3600 },
  '30d': { range: 30 * 86_400, span: 21_600 },
  '180d': { range: 180 * 86_400, span: 86_400 },
}

const SHOWN = METRIC_NAMES.filter((name) => name.startsWith('portal.'))
const OBJECTIVE_DAYS = 30

/** What was counted over a range, in spans, and how the objectives fare: uploads, webhooks, dead letters, replays. */
export const readTelemetry = read({
  action: 'telemetry.read',
  input: readTelemetryInput,
  allow: { role: 'admin', system: true },
  async run({ db, input, ctx }): Promise<TelemetryView> {
    const { range, span } = SPANS[input.range]
    const until = new Date(Math.floor(ctx.now.getTime() / (span * 1000) + 1) * span * 1000)
    const from = new Date(until.getTime() - range * 1000)
    const { rows } = await db.execute<{ fresh: string | null }>(
      sql`select max(updated_at) as fresh from metric_totals`,
    )
    return {
      range: input.range,
      from: from.toISOString(),
      until: until.toISOString(),
      spanSeconds: span,
      freshAt: rows[0]?.fresh ? new Date(rows[0].fresh).toISOString() : null,
      series: seriesOfPoints(await readPoints(db, SHOWN, from, until, span)),
      objectives: await readObjectives(db, ctx.now),
    }
  },
})

function seriesOfPoints(points: readonly Point[]): TelemetrySeries[] {
  const grouped = Map.groupBy(points, ({ metric, series }) => `${metric}{${series}`)
  return [...grouped.values()].map((own) => {
    const { metric, series } = own[0] as Point
    const bounds = definitionOf(metric).buckets ?? []
    const quantile = ({ buckets }: Point, q: number) => (buckets ? quantileOf(buckets, bounds, q) : null)
    return {
      metric,
      labels: labelsOf(series),
      points: own.map((point) => ({
        at: point.at,
        sum: point.sum,
        count: point.count,
        p50: quantile(point, 0.5),
        p95: quantile(point, 0.95),
      })),
    }
  })
}

export function labelsOf(series: string): Record<string, string> {
  const pairs = series === '' ? [] : series.split(',')
  return Object.fromEntries(pairs.map((pair) => [pair.split('=', 1)[0]!, pair.slice(pair.indexOf('=') + 1)]))
}

/** Over thirty days: genuine webhooks that succeed at the first try, looks at the dashboards that found them up. */
export async function readObjectives(db: Db | Tx, now: Date): Promise<Objective[]> {
  const from = new Date(now.getTime() - OBJECTIVE_DAYS * DAY_MS)
  const until = new Date(now.getTime() + 60_000)
  const metrics: MetricName[] = ['portal.webhook.applied', 'portal.webhook.failed', 'portal.dashboard.checks']
  const points = await readPoints(db, metrics, from, until, OBJECTIVE_DAYS * 86_400)
  const sum = (metric: MetricName, label: string) =>
    points
      .filter((point) => point.metric === metric && point.series.split(',').includes(label))
      .reduce((total, point) => total + point.sum, 0)
  return [
    objective('webhooks_first_try', FIRST_TRY_TARGET, {
      good: sum('portal.webhook.applied', 'attempt=first'),
      bad: sum('portal.webhook.failed', 'attempt=first'),
    }),
    objective('dashboards_up', DASHBOARD_TARGET, {
      good: sum('portal.dashboard.checks', 'outcome=up'),
      bad: sum('portal.dashboard.checks', 'outcome=down'),
    }),
  ]
}

function objective(
  name: Objective['name'],
  target: number,
  { good, bad }: { good: number; bad: number },
): Objective {
  const total = good + bad
  const ratio = total === 0 ? null : good / total
  return { name, target, good, total, ratio, holds: ratio === null || ratio >= target }
}
