import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { countUploadsSince } from '#portal/modules/uploads/count-uploads.ts'
import { countWebhooksSince } from '#portal/modules/webhooks/count-webhooks.ts'
import type { App } from '#portal/platform/app.ts'
import type { MetricName } from '#portal/platform/metrics.ts'
import { flow } from '#portal/platform/operation.ts'
import { measureNow } from '../probe/measure-now.ts'
import { sumSince } from './store-points.ts'

/** UTM-04: within 2 % of the database, and no older than a minute. */
export const MOST_OFF = 0.02
const MOST_STALE_SECONDS = 60
const WINDOW_HOURS = 24
/** A row and its count may fall on two sides of the window's beginning: a process writes down every five seconds. */
const EDGE_MS = 10_000

export type CheckedMetric = {
  metric: MetricName
  counted: number
  /** In the tables: since the window began, and with those of the ten seconds before. */
  database: number
  databaseAtMost: number
  /** Share of the database's figure; 0 within its bounds. */
  off: number
  ok: boolean
}

export type TelemetryCheck = {
  from: string
  checkedAt: string
  staleSeconds: number | null
  metrics: CheckedMetric[]
  ok: boolean
}

/** Compares what was counted in the last day with the tables that the same things are written to. */
export const checkTelemetry = flow({
  action: 'telemetry.check',
  input: z.strictObject({}),
  allow: { role: 'admin', system: true },
  async run({ app }): Promise<TelemetryCheck> {
    await measureNow(app)
    await app.telemetry.flush()
    const from = await windowOf(app)
    const earlier = new Date(from.getTime() - EDGE_MS)
    const [database, databaseAtMost] = [await fromTables(app, from), await fromTables(app, earlier)]
    const metrics: CheckedMetric[] = []
    for (const metric of Object.keys(database) as (keyof typeof database)[]) {
      const counted = await countedSince(app, metric, from)
      metrics.push(compare(metric, counted, database[metric], databaseAtMost[metric]))
    }
    const staleSeconds = await staleness(app)
    const fresh = staleSeconds !== null && staleSeconds <= MOST_STALE_SECONDS
    return {
      from: from.toISOString(),
      checkedAt: app.clock().toISOString(),
      staleSeconds,
      metrics,
      ok: fresh && metrics.every(({ ok }) => ok),
    }
  },
})

/** The last day from a whole hour on, or since this installation first counted. */
async function windowOf(app: App): Promise<Date> {
  const dayAgo = new Date(app.clock().getTime() - WINDOW_HOURS * 3_600_000)
  dayAgo.setUTCMinutes(0, 0, 0)
  const { rows } = await app.db.execute<{ first: string | null }>(
    sql`select min(at) as first from metric_points where step = 60`,
  )
  const first = rows[0]?.first ? new Date(rows[0].first) : dayAgo
  return first > dayAgo ? first : dayAgo
}

async function fromTables(app: App, from: Date) {
  const [uploads, webhooks] = [await countUploadsSince(app.db, from), await countWebhooksSince(app.db, from)]
  return {
    'portal.upload.initiated': uploads.begun,
    'portal.upload.completed': uploads.completed,
    'portal.upload.failed': uploads.failed,
    'portal.upload.cancelled': uploads.cancelled,
    'portal.webhook.verified': webhooks.stored,
    'portal.webhook.rejected': webhooks.rejected,
    'portal.webhook.applied': webhooks.applied,
    'portal.dead_letter.depth': webhooks.dead,
  } as const satisfies Partial<Record<MetricName, number>>
}

async function countedSince(app: App, metric: MetricName, from: Date): Promise<number> {
  if (metric === 'portal.dead_letter.depth') {
    const { rows } = await app.db.execute<{ sum: number }>(
      sql`select sum from metric_totals where metric = ${metric}`,
    )
    return rows[0]?.sum ?? 0
  }
  const onlyNew = metric === 'portal.webhook.verified' ? sql`series = 'sighting=new'` : undefined
  return (await sumSince(app.db, metric, from, onlyNew)).sum
}

function compare(metric: MetricName, counted: number, least: number, most: number): CheckedMetric {
  const beyond = Math.max(0, least - counted, counted - most)
  const off = beyond === 0 ? 0 : beyond / Math.max(1, least)
  return { metric, counted, database: least, databaseAtMost: most, off, ok: off <= MOST_OFF }
}

/** Seconds since a process last wrote down what it counted. */
async function staleness(app: App): Promise<number | null> {
  const { rows } = await app.db.execute<{ fresh: string | null }>(
    sql`select max(updated_at) as fresh from metric_totals`,
  )
  const fresh = rows[0]?.fresh
  return fresh ? Math.max(0, (app.clock().getTime() - new Date(fresh).getTime()) / 1000) : null
}
