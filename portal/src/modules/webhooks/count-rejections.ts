import { and, eq, lt, sql } from 'drizzle-orm'
import type pg from 'pg'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { gather } from '#portal/platform/gather.ts'
import { verb } from '#portal/platform/operation.ts'
import { REJECTION_REASONS, type RejectionReason } from './rules.ts'
import { webhookRejectionCounts, webhookRejections } from './tables.ts'

const MOST_TOGETHER = 200

type Ask = { reason: RejectionReason; at: Date }

/**
 * Counts a rejection for good and says which of its hour and reason it is, from 1. Those that come at once share a
 * statement, so that a flood costs the database little and is still counted to the last.
 */
export function countRejection(app: Pick<App, 'pool'>, ask: Ask): Promise<number> {
  const count = counters.get(app.pool) ?? gather((asks: Ask[]) => countAll(app.pool, asks), MOST_TOGETHER)
  counters.set(app.pool, count)
  return count(ask)
}

const counters = new WeakMap<App['pool'], (ask: Ask) => Promise<number>>()

async function countAll(pool: Pick<pg.Pool, 'query'>, asks: Ask[]): Promise<number[]> {
  const { rows } = await pool.query<{ reason: string; hour: Date; count: number }>({
    name: 'webhooks-count-rejections',
    text: `insert into webhook_rejection_counts as c (hour, reason, count, last_at)
      select date_trunc('hour', at), reason, count(*), max(at) from unnest($1::text[], $2::timestamptz[]) as a (reason, at)
      group by 1, 2 order by 1, 2
      on conflict (hour, reason) do update set count = c.count + excluded.count,
        last_at = greatest(c.last_at, excluded.last_at)
      returning hour, reason, count`,
    values: [asks.map(({ reason }) => reason), asks.map(({ at }) => at)],
  })
  const totals = new Map(rows.map(({ hour, reason, count }) => [`${reason} ${hour.getTime()}`, count]))
  // The last asked is the last counted.
  return asks
    .toReversed()
    .map(({ reason, at }) => {
      const key = `${reason} ${Math.floor(at.getTime() / HOUR_MS) * HOUR_MS}`
      const place = totals.get(key) ?? 0
      totals.set(key, place - 1)
      return place
    })
    .toReversed()
}

const HOUR_MS = 3_600_000
/** Newest rejections whose metadata is kept. */
const REJECTIONS_KEPT = 10_000

/** Writes down what is known of a request that was refused: metadata alone, with its event in the log. */
export const recordRejection = verb({
  action: 'webhook.reject',
  input: z.strictObject({ reason: z.enum(REJECTION_REASONS), bodyBytes: z.int() }),
  allow: { anyone: true },
  async run({ tx, input, ctx }) {
    const { reason, bodyBytes } = input
    await tx
      .insert(webhookRejections)
      .values({ reason, bodyBytes, requestId: ctx.requestId, receivedAt: ctx.now })
    await tx.execute(sql`delete from webhook_rejections where id <
      (select id from webhook_rejections order by id desc offset ${REJECTIONS_KEPT - 1} limit 1)`)
    await tx
      .update(webhookRejectionCounts)
      .set({ told: sql`${webhookRejectionCounts.told} + 1` })
      .where(and(eq(webhookRejectionCounts.hour, hourOf(ctx.now)), eq(webhookRejectionCounts.reason, reason)))
    return {
      result: null,
      change: {
        target: { type: 'webhook', id: ctx.requestId },
        outcome: 'refused',
        reason,
        details: { body_bytes: bodyBytes },
      },
    }
  },
})

const hourOf = (at: Date) => new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)

/** One event in the log for all of an hour and reason that was only counted. */
const recordFlood = verb({
  action: 'webhook.reject',
  input: z.strictObject({ hour: z.date(), reason: z.enum(REJECTION_REASONS) }),
  allow: { system: true },
  async run({ tx, input: { hour, reason } }) {
    const [row] = await tx
      .select()
      .from(webhookRejectionCounts)
      .where(and(eq(webhookRejectionCounts.hour, hour), eq(webhookRejectionCounts.reason, reason)))
      .for('update')
    const untold = row ? row.count - row.told : 0
    await tx
      .update(webhookRejectionCounts)
      .set({ told: sql`${webhookRejectionCounts.count}` })
      .where(and(eq(webhookRejectionCounts.hour, hour), eq(webhookRejectionCounts.reason, reason)))
    return {
      result: null,
      change: {
        target: { type: 'webhook', id: 'flood' },
        outcome: 'refused',
        reason,
        details: { hour: hour.toISOString(), count: row?.count ?? 0, not_told_one_by_one: untold },
      },
    }
  },
})

/** Puts hours that are over, and were only counted in part, into the log. */
export async function tellFloods(app: App, ctx: Context): Promise<void> {
  const hours = await app.db
    .select({ hour: webhookRejectionCounts.hour, reason: webhookRejectionCounts.reason })
    .from(webhookRejectionCounts)
    .where(
      and(
        lt(webhookRejectionCounts.hour, hourOf(ctx.now)),
        sql`${webhookRejectionCounts.told} < ${webhookRejectionCounts.count}`,
      ),
    )
    .limit(100)
  for (const hour of hours) await app.call(recordFlood, hour, ctx)
}
