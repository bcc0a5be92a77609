import { and, count, eq, gte, isNull, lt, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { tellPoison } from './failure-alerts.ts'
import { REPLAYS_A_DAY } from './retry-rules.ts'
import { orderReplayRun } from './run-replay.ts'
import { webhookAttempts, webhookEvents, webhookReplays } from './tables.ts'
import { takeLetters } from './take-letters.ts'

/** Dead letters whose next replay is due, and that had fewer than REPLAYS_A_DAY of them in 24 hours. */
const due = (now: Date) =>
  and(
    eq(webhookEvents.state, 'dead'),
    isNull(webhookEvents.replayId),
    lte(webhookEvents.nextTryAt, now),
    sql`(select count(*) from ${webhookAttempts} where ${webhookAttempts.eventId} = ${webhookEvents.id}
      and ${webhookAttempts.origin} = 'schedule' and ${gte(webhookAttempts.at, new Date(now.getTime() - DAY_MS))})
      < ${REPLAYS_A_DAY}`,
  )

const DAY_MS = 86_400_000

const recordScheduledReplay = verb({
  action: 'webhook.replay',
  input: z.strictObject({}),
  allow: { system: true },
  async run(scope) {
    const { tx, ctx } = scope
    const { id, found, change } = await takeLetters(scope, {
      where: due(ctx.now),
      origin: 'schedule',
      selection: {},
    })
    await orderReplayRun(tx, id, 0)
    return { result: { id, found }, change }
  },
})

/** Replays dead letters by themselves: each at growing intervals, at most five times a day. */
export const replayDueLetters = job({
  name: 'webhooks.replay-due',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '*/10 * * * *',
  async run({ app, ctx }) {
    if (!app.settings.MUX_WEBHOOK_DLQ_ENABLED) return await tellPoison(app, ctx)
    await takeUpStuck(app, ctx)
    const [waiting] = await app.db.select({ letters: count() }).from(webhookEvents).where(due(ctx.now))
    if ((waiting?.letters ?? 0) > 0) await app.call(recordScheduledReplay, {}, ctx)
    await tellPoison(app, ctx)
  },
})

const STUCK_MS = 5 * 60_000

/** A replay that nothing was heard of for minutes is ordered anew, and people are told. */
async function takeUpStuck(app: App, ctx: Context): Promise<void> {
  const stuck = await app.db
    .select({ id: webhookReplays.id })
    .from(webhookReplays)
    .where(
      and(
        isNull(webhookReplays.finishedAt),
        lt(webhookReplays.progressAt, new Date(ctx.now.getTime() - STUCK_MS)),
      ),
    )
  const key = 'webhooks.replay-stuck'
  if (stuck.length === 0) return await app.ports.alerts.resolve(key)
  await app.db.transaction(async (tx) => {
    for (const { id } of stuck) await orderReplayRun(tx, id, 0)
  })
  await app.ports.alerts.raise({
    key,
    severity: 'warning',
    summary: 'A replay of dead letters did not run. It was ordered again.',
    details: { replays: stuck.length },
  })
}
