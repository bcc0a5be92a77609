import { and, count, desc, eq, gte, inArray, isNotNull, max, min, sql, sum } from 'drizzle-orm'
import type { Db, Tx } from '#portal/platform/db.ts'
import { read } from '#portal/platform/operation.ts'
import type { RejectionTotals, ReplayView, WebhookSummary } from './answers.ts'
import { nothingInput } from './inputs.ts'
import { countTries } from './run-replay.ts'
import { webhookEvents, webhookKinds, webhookRejectionCounts, webhookReplays } from './tables.ts'

const DAY_MS = 86_400_000

/** How many requests were refused, by reason: exact, however many they were. */
export async function rejectionTotals(db: Tx, now: Date): Promise<RejectionTotals> {
  const { reason, count: counted, hour, lastAt } = webhookRejectionCounts
  const rows = await db
    .select({
      reason,
      total: sum(counted).mapWith(Number),
      lastDay:
        sql`coalesce(sum(${counted}) filter (where ${gte(hour, new Date(now.getTime() - DAY_MS))}), 0)`.mapWith(
          Number,
        ),
      lastAt: max(lastAt),
    })
    .from(webhookRejectionCounts)
    .groupBy(reason)
    .orderBy(desc(max(lastAt)))
  return {
    total: rows.reduce((all, { total }) => all + total, 0),
    reasons: rows.map((row) => ({ ...row, lastAt: (row.lastAt ?? now).toISOString() })),
  }
}

const REPLAYS_SHOWN = 10

/** The newest replays with their progress. */
export const listReplays = read({
  action: 'webhook.list-replays',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db }): Promise<{ items: ReplayView[] }> {
    const rows = await db
      .select()
      .from(webhookReplays)
      .orderBy(desc(webhookReplays.askedAt), desc(webhookReplays.id))
      .limit(REPLAYS_SHOWN)
    const items: ReplayView[] = []
    for (const row of rows) {
      const { id, origin, found } = row
      items.push({
        ...{ id, origin, found },
        ...(row.finishedAt ? { applied: row.applied, failed: row.failed } : await countTries(db, id)),
        status: row.finishedAt ? 'done' : 'running',
        askedAt: row.askedAt.toISOString(),
        finishedAt: row.finishedAt?.toISOString() ?? null,
      })
    }
    return { items }
  },
})

/** What stands in the inbox: how many in which state, dead letters by cause, what was refused, what was new. */
export const summariseWebhooks = read({
  action: 'webhook.summary',
  input: nothingInput,
  allow: { role: 'admin' },
  async run({ db, ctx }): Promise<WebhookSummary> {
    return {
      states: await statesOf(db),
      causes: await causesOf(db),
      lastDay: await firstTriesSince(db, new Date(ctx.now.getTime() - DAY_MS)),
      rejected: await rejectionTotals(db, ctx.now),
      kinds: await newestKinds(db),
    }
  },
})

async function statesOf(db: Db | Tx) {
  const rows = await db
    .select({ state: webhookEvents.state, events: count() })
    .from(webhookEvents)
    .groupBy(webhookEvents.state)
  const of = (state: string) => rows.find((row) => row.state === state)?.events ?? 0
  return { pending: of('pending'), dead: of('dead'), applied: of('applied'), discarded: of('discarded') }
}

async function causesOf(db: Db | Tx) {
  const { state, cause, receivedAt, nextTryAt, lastError } = webhookEvents
  const rows = await db
    .select({
      cause,
      letters: count(),
      oldestAt: min(receivedAt),
      nextTryAt: min(nextTryAt),
      error: max(lastError),
      replaying: sql`count(${webhookEvents.replayId})`.mapWith(Number),
    })
    .from(webhookEvents)
    .where(eq(state, 'dead'))
    .groupBy(cause)
    .orderBy(desc(count()))
  return rows.map((row) => ({
    cause: row.cause ?? 'unexpected',
    letters: row.letters,
    replaying: row.replaying,
    error: row.error,
    oldestAt: row.oldestAt?.toISOString() ?? null,
    nextTryAt: row.nextTryAt?.toISOString() ?? null,
  }))
}

/** Genuine webhooks since then, and how many of them were applied at the first try (MUX-N1: 99.5 %). */
async function firstTriesSince(db: Db | Tx, since: Date) {
  const [row] = await db
    .select({
      events: count(),
      firstTry:
        sql`count(*) filter (where ${eq(webhookEvents.state, 'applied')} and ${webhookEvents.attempts} = 1)`.mapWith(
          Number,
        ),
    })
    .from(webhookEvents)
    .where(
      and(
        gte(webhookEvents.receivedAt, since),
        eq(webhookEvents.synthetic, false),
        sql`(${inArray(webhookEvents.state, ['applied', 'dead', 'discarded'])} or ${isNotNull(webhookEvents.lastTriedAt)})`,
      ),
    )
  return { events: row?.events ?? 0, firstTry: row?.firstTry ?? 0 }
}

const KINDS_SHOWN = 20

async function newestKinds(db: Db | Tx) {
  const rows = await db.select().from(webhookKinds).orderBy(desc(webhookKinds.firstSeenAt)).limit(KINDS_SHOWN)
  return rows.map(({ kind, firstSeenAt, eventId }) => ({
    kind,
    firstSeenAt: firstSeenAt.toISOString(),
    eventId,
  }))
}
