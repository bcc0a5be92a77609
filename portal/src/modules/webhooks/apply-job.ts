import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { findLooker } from '#portal/modules/uploads/foresee-objects.ts'
import type { App } from '#portal/platform/app.ts'
import { job } from '#portal/platform/job.ts'
import { applyEvents } from './apply-events.ts'
import { claimDue } from './claim-events.ts'
import { tellFailures } from './failure-alerts.ts'
import type { Result } from './record-results.ts'
import { ALERT_FROM_TRY } from './retry-rules.ts'
import type { Cause } from './rules.ts'
import { webhookEvents } from './tables.ts'
import { APPLY_JOB, APPLY_TRIES, wakeIn } from './wake-apply.ts'

/** Then the next job goes on, so that a process that is told to stop need not wait for a long queue. */
const ONE_JOB_MS = 30_000

/**
 * Applies every event that is due. The event itself is only a hint of where to look, so that order and repetition do not
 * matter; one of these runs at a time.
 */
export const applyDueEvents = job({
  name: APPLY_JOB,
  input: z.object({}),
  maxAttempts: APPLY_TRIES,
  async run({ app, ctx, signal }) {
    const failures = createFailureNotes()
    const until = ctx.now.getTime() + ONE_JOB_MS
    try {
      await applyEvents(app, {
        origin: 'delivery',
        replayId: null,
        claim: (limit) => claimDue(app.pool, app.clock(), limit),
        // Anew for each: what was listed before an event came may not know of it.
        lookerFor: (events) => findLooker(app, events),
        enough: () => signal.aborted || app.clock().getTime() > until,
        onResult: failures.note,
      })
    } finally {
      await failures.tell(app)
    }
    await wakeForNext(app)
  },
})

/** What of a round's results people may have to be told of. */
export function createFailureNotes() {
  const causes = new Set<Cause>()
  let cleared = false
  return {
    note({ event, ...ended }: Result): void {
      if ('failure' in ended && event.attempts + 1 >= ALERT_FROM_TRY) causes.add(ended.failure.cause)
      if (event.attempts >= ALERT_FROM_TRY) cleared = true
    },
    async tell(app: App): Promise<void> {
      if (causes.size > 0 || cleared) await tellFailures(app, causes)
    },
  }
}

/** Orders the next job for when the next try is due, or what somebody holds is given back. */
export async function wakeForNext(app: App): Promise<void> {
  const [row] = await app.db
    .select({
      at: sql<string | null>`min(greatest(${webhookEvents.nextTryAt}, ${webhookEvents.claimedUntil}))`,
    })
    .from(webhookEvents)
    .where(sql`${webhookEvents.state} = 'pending'`)
  if (!row?.at) return
  const seconds = Math.max(0, (Date.parse(row.at) - app.clock().getTime()) / 1000)
  await app.db.transaction((tx) => wakeIn(tx, seconds))
}
