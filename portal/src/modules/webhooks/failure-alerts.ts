import { and, count, eq, gte, inArray, isNotNull, sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { ALERT_FROM_TRY, REPLAYS_A_DAY } from './retry-rules.ts'
import { CAUSES, type Cause } from './rules.ts'
import { webhookAttempts, webhookEvents } from './tables.ts'

const keyOf = (cause: Cause) => `webhooks.apply:${cause}`

const WHAT: Record<Cause, string> = {
  provider_unavailable: 'the video service can’t be reached',
  provider_refused: 'the video service refuses to tell of their objects',
  database: 'the database fails',
  interrupted: 'the process ends each time while one is applied',
  unexpected: 'of a fault in the portal',
}

/**
 * Tells of events that failed three times or more, once for each cause; and that it has cleared, once none is left.
 * @param freshly causes of which another try has just failed; all others are only looked at to be cleared
 */
export async function tellFailures(app: App, freshly: ReadonlySet<Cause>): Promise<void> {
  const rows = await app.db
    .select({ cause: webhookEvents.cause, events: count() })
    .from(webhookEvents)
    .where(
      and(
        inArray(webhookEvents.state, ['pending', 'dead']),
        isNotNull(webhookEvents.cause),
        gte(webhookEvents.attempts, ALERT_FROM_TRY),
      ),
    )
    .groupBy(webhookEvents.cause)
  const failing = new Map(rows.map(({ cause, events }) => [cause, events]))
  for (const cause of CAUSES) {
    const events = failing.get(cause) ?? 0
    if (events === 0) await app.ports.alerts.resolve(keyOf(cause))
    else if (freshly.has(cause))
      await app.ports.alerts.raise({
        key: keyOf(cause),
        severity: cause === 'unexpected' ? 'critical' : 'warning',
        summary: `Verified webhooks failed three times or more: ${WHAT[cause]}. They are kept and tried again.`,
        details: { cause, events },
      })
  }
}

/** Tells of dead letters that used up their replays of the day: trying again does not help them. */
export async function tellPoison(app: App, ctx: Context): Promise<void> {
  const key = 'webhooks.poison'
  const poisoned = app.db
    .select({ id: webhookAttempts.eventId })
    .from(webhookAttempts)
    .innerJoin(webhookEvents, eq(webhookEvents.id, webhookAttempts.eventId))
    .where(
      and(
        eq(webhookEvents.state, 'dead'),
        eq(webhookAttempts.origin, 'schedule'),
        eq(webhookAttempts.outcome, 'failed'),
        gte(webhookAttempts.at, new Date(ctx.now.getTime() - 86_400_000)),
      ),
    )
    .groupBy(webhookAttempts.eventId)
    .having(sql`count(*) >= ${REPLAYS_A_DAY}`)
  const letters = (await poisoned).length
  if (letters === 0) return await app.ports.alerts.resolve(key)
  await app.ports.alerts.raise({
    key,
    severity: 'warning',
    summary: `Dead letters failed ${REPLAYS_A_DAY} replays within a day. Look at their errors; trying again will not do.`,
    details: { letters },
  })
}
