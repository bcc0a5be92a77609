import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { eraseEndedRecords } from '#portal/modules/analytics/viewer-record.ts'
import { job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { VIEWER_MEMORY_DAYS } from './rules.ts'
import { daysBefore } from './viewer-record.ts'

const AT_ONCE = 2000
const MOST_ROUNDS = 50

/**
 * Takes what leads to a person out of the visits of links that ended 30 days ago, and erases how they watched; numbers
 * and times of security stay.
 */
export const forgetViewers = verb({
  action: 'viewer.forget',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ tx, ctx }) {
    const ended = daysBefore(ctx.now, VIEWER_MEMORY_DAYS).toISOString()
    await tx.execute(sql`delete from viewer_codes where expires_at < ${ended}::timestamptz`)
    const { rowCount } = await tx.execute(sql`
      update viewer_sessions set email_hash = null, email_sealed = null, user_id = null, past_cookie_hash = null
      where id in (
        select viewer.id from viewer_sessions viewer join shares share on share.id = viewer.share_id
        where (viewer.email_sealed is not null or viewer.user_id is not null or viewer.past_cookie_hash is not null)
          and viewer.expires_at < ${ended}::timestamptz
          and coalesce(share.revoked_at, share.expires_at) < ${ended}::timestamptz
        limit ${AT_ONCE})`)
    const forgotten = rowCount ?? 0
    const erased = await eraseEndedRecords(tx, new Date(ended), AT_ONCE)
    return {
      result: { forgotten, erased, more: Math.max(forgotten, erased) === AT_ONCE },
      change: { target: { type: 'viewer', id: 'ended' }, details: { forgotten, erased } },
    }
  },
})

/** Every night, in small steps. */
export const forgetViewersNightly = job({
  name: 'sharing.forget-viewers',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '20 3 * * *',
  async run({ app, ctx, signal }) {
    for (let round = 0; round < MOST_ROUNDS && !signal.aborted; round += 1) {
      const { more } = await app.call(forgetViewers, {}, ctx)
      if (!more) return
    }
  },
})
