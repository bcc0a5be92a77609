import { and, count, eq, gte, isNull, lt, lte } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { job } from '#portal/platform/job.ts'
import { tellFloods } from './count-rejections.ts'
import { tellFailures } from './failure-alerts.ts'
import { REJECTION_REASONS } from './rules.ts'
import { webhookEvents, webhookKinds, webhookRejectionCounts } from './tables.ts'
import { wake } from './wake-apply.ts'

/** Each minute: wakes what is due should its job be lost, tells when what was told of has cleared, closes the books of floods. */
export const sweepWebhooks = job({
  name: 'webhooks.sweep',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '* * * * *',
  async run({ app, ctx }) {
    await wakeIfDue(app, ctx)
    await tellFailures(app, new Set())
    await tellFloods(app, ctx)
    await resolveRejections(app, ctx)
    await resolveKinds(app, ctx)
    await tellUnreplayed(app, ctx)
  },
})

async function wakeIfDue(app: App, ctx: Context): Promise<void> {
  const [due] = await app.db
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(and(eq(webhookEvents.state, 'pending'), lte(webhookEvents.nextTryAt, ctx.now)))
    .limit(1)
  if (due) await app.db.transaction((tx) => wake(tx))
}

const QUIET_MS = 3_600_000

/** An hour without another one is quiet. */
async function resolveRejections(app: App, ctx: Context): Promise<void> {
  const since = new Date(ctx.now.getTime() - QUIET_MS)
  const rows = await app.db
    .selectDistinct({ reason: webhookRejectionCounts.reason })
    .from(webhookRejectionCounts)
    .where(gte(webhookRejectionCounts.lastAt, since))
  const loud = new Set(rows.map(({ reason }) => reason))
  for (const reason of REJECTION_REASONS)
    if (!loud.has(reason)) await app.ports.alerts.resolve(`webhook.reject:${reason}`)
}

const NEWS_MS = 86_400_000
const RESOLVED_WITHIN_MS = 2 * NEWS_MS

/** A kind is news for a day; it stays in the list of kinds. */
async function resolveKinds(app: App, ctx: Context): Promise<void> {
  const day = (ago: number) => new Date(ctx.now.getTime() - ago)
  const old = await app.db
    .select({ kind: webhookKinds.kind })
    .from(webhookKinds)
    .where(
      and(lt(webhookKinds.firstSeenAt, day(NEWS_MS)), gte(webhookKinds.firstSeenAt, day(RESOLVED_WITHIN_MS))),
    )
  for (const { kind } of old) await app.ports.alerts.resolve(`webhooks.strange:${kind}`)
}

const OVERDUE_MS = 3_600_000

/** Dead letters whose replay was due an hour ago: the schedule itself does not run. */
async function tellUnreplayed(app: App, ctx: Context): Promise<void> {
  const key = 'webhooks.replay-overdue'
  const [row] = await app.db
    .select({ letters: count() })
    .from(webhookEvents)
    .where(
      and(
        eq(webhookEvents.state, 'dead'),
        isNull(webhookEvents.replayId),
        lt(webhookEvents.nextTryAt, new Date(ctx.now.getTime() - OVERDUE_MS)),
      ),
    )
  const letters = row?.letters ?? 0
  if (letters === 0) return await app.ports.alerts.resolve(key)
  await app.ports.alerts.raise({
    key,
    severity: 'warning',
    summary: 'Dead letters are not replayed: their next replay was due more than an hour ago.',
    details: { letters },
  })
}
