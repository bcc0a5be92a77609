import { and, count, eq, isNotNull, isNull, lt, lte } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { stopNow } from './revoke-share.ts'
import { revokeShares } from './revoke-shares.ts'
import { playbackStops, revocations, shares } from './tables.ts'

const HOURS_TO_REVIEW = 24
const DAYS_OF_STOPS = 30
const ONE_BATCH = 100

/**
 * Every minute: carries out scheduled revokes that are due, lets requests lapse that nobody decided on in time, and
 * alerts where an emergency was not reviewed for a day.
 */
export const watchRevocations = job({
  name: 'sharing.watch-revocations',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '* * * * *',
  async run({ app, ctx, signal }) {
    while (!signal.aborted && (await revokeDue(app, ctx)));
    await lapseOld(app, ctx)
    await alertUnreviewed(app, ctx)
    const old = new Date(ctx.now.getTime() - DAYS_OF_STOPS * 86_400_000)
    await app.db
      .delete(playbackStops)
      .where(and(lt(playbackStops.askedAt, old), isNotNull(playbackStops.confirmedAt)))
  },
})

const recordDue = verb({
  action: 'share.revoke',
  input: z.strictObject({}),
  allow: { system: true },
  async run(scope) {
    const { tx, ctx } = scope
    const [next] = await tx
      .select({ reason: shares.scheduledReason, by: shares.scheduledBy, at: shares.expiresAt })
      .from(shares)
      .where(and(isNotNull(shares.scheduledReason), isNull(shares.revokedAt), lte(shares.expiresAt, ctx.now)))
      .orderBy(shares.expiresAt)
      .limit(1)
    const due = and(
      eq(shares.scheduledReason, next?.reason ?? ''),
      eq(shares.scheduledBy, next?.by ?? ''),
      lte(shares.expiresAt, ctx.now),
    )
    const stopped = next?.reason
      ? await revokeShares(scope, due, { reason: next.reason, by: next.by ?? 'unknown', limit: ONE_BATCH })
      : { shares: [], players: 0, stops: [] }
    const [first, ...rest] = stopped.shares.map(({ id, videoId }) => ({
      target: { type: 'share', id },
      reason: next?.reason ?? 'other',
      details: { video_id: videoId, scheduled: true },
    }))
    return {
      result: stopped,
      change: first ?? { target: { type: 'operation', id: 'share.revoke' }, reason: 'nothing_due' },
      also: rest,
    }
  },
})

/** One batch of links whose scheduled revoke is due; false where none is. The rules have refused them since then. */
async function revokeDue(app: App, ctx: Context): Promise<boolean> {
  const [due] = await app.db
    .select({ id: shares.id })
    .from(shares)
    .where(and(isNotNull(shares.scheduledReason), isNull(shares.revokedAt), lte(shares.expiresAt, ctx.now)))
    .limit(1)
  if (!due) return false
  const { stops } = await app.call(recordDue, {}, ctx)
  await stopNow(app, stops)
  return true
}

/** Also ordered for the very instant of a schedule; the minute's round is for what that missed. */
export const carryOutSchedule = job({
  name: 'sharing.carry-out-schedule',
  input: z.strictObject({ id: z.string() }),
  maxAttempts: 5,
  async run({ app, ctx }) {
    while (await revokeDue(app, ctx));
  },
})

async function lapseOld(app: App, ctx: Context): Promise<void> {
  const [old] = await app.db.select({ id: revocations.id }).from(revocations).where(tooOld(ctx)).limit(1)
  if (old) await app.call(lapseRequests, {}, ctx)
}

const tooOld = ({ now }: Context) => and(eq(revocations.status, 'pending'), lte(revocations.decideUntil, now))

const lapseRequests = verb({
  action: 'revocation.lapse',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ tx, ctx }) {
    const lapsed = await tx
      .update(revocations)
      .set({ status: 'lapsed' })
      .where(tooOld(ctx))
      .returning({ id: revocations.id })
    const [first, ...rest] = lapsed.map(({ id }) => ({ target: { type: 'revocation', id } }))
    return {
      result: lapsed.length,
      change: first ?? { target: { type: 'operation', id: 'revocation.lapse' } },
      also: rest,
    }
  },
})

async function alertUnreviewed(app: App, ctx: Context): Promise<void> {
  const before = new Date(ctx.now.getTime() - HOURS_TO_REVIEW * 3_600_000)
  const [late] = await app.db
    .select({ n: count() })
    .from(revocations)
    .where(and(eq(revocations.review, 'open'), lte(revocations.askedAt, before)))
  const key = 'emergency-unreviewed'
  if (!late || late.n === 0) return await app.ports.alerts.resolve(key)
  await app.ports.alerts.raise({
    key,
    severity: 'warning',
    summary: 'An emergency revoke has waited for its review for more than a day',
    details: { emergencies: late.n },
  })
}
