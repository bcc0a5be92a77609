import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { job } from '#portal/platform/job.ts'
import { type HistogramName, METRICS, type MetricName } from '#portal/platform/metrics.ts'
import { measureNow } from '../probe/measure-now.ts'
import { judgeMetrics, quantileOf, type Readings } from './judge-metrics.ts'
import { lookAtDashboards } from './look-at-dashboards.ts'
import { sumSince } from './store-points.ts'

const MINUTE_MS = 60_000

/** Every minute: measures what is so, looks at the dashboards, and opens or clears alerts by what was counted. */
export const watchMetrics = job({
  name: 'telemetry.watch',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '* * * * *',
  async run({ app }) {
    const deadLetters = await measureNow(app)
    await lookAtDashboards(app)
    await app.telemetry.flush()
    await applyVerdicts(app, await readNow(app, deadLetters))
  },
})

/** Opens and clears the alerts of these readings. */
export async function applyVerdicts(app: App, readings: Readings): Promise<void> {
  for (const { key, is, alert } of judgeMetrics(readings)) {
    if (is === 'raised') await app.ports.alerts.raise({ key, ...alert })
    if (is === 'cleared') await app.ports.alerts.resolve(key)
  }
}

async function readNow(app: App, deadLetters: Readings['deadLetters']): Promise<Readings> {
  const ago = (minutes: number) => new Date(app.clock().getTime() - minutes * MINUTE_MS)
  const sum = async (metric: MetricName, minutes: number, series?: string) =>
    (await sumSince(app.db, metric, ago(minutes), series ? sql`series like ${series}` : undefined)).sum
  const replays = await p95Since(app, 'portal.dead_letter.replay.duration', ago(60))
  const first = async (metric: MetricName) => ({
    hour: await sum(metric, 60, '%attempt=first%'),
    fiveMinutes: await sum(metric, 5, '%attempt=first%'),
  })
  const signatures = (minutes: number) => sum('portal.webhook.rejected', minutes, 'reason=signature')
  return {
    failedFirst: await first('portal.webhook.failed'),
    appliedFirst: await first('portal.webhook.applied'),
    refusedSignatures: { fiveMinutes: await signatures(5), halfHour: await signatures(30) },
    deadLetters,
    replayP95Seconds: replays,
    looks: {
      up: await sum('portal.dashboard.checks', 5, 'outcome=up'),
      down: await sum('portal.dashboard.checks', 5, 'outcome=down'),
    },
  }
}

async function p95Since(app: App, metric: HistogramName, from: Date): Promise<number | null> {
  const { buckets } = await sumSince(app.db, metric, from)
  return buckets ? quantileOf(buckets, METRICS[metric].buckets, 0.95) : null
}
