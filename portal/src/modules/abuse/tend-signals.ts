import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { ABUSE_RULE_NAMES, LONGEST_WINDOW_SECONDS } from './rules.ts'

/** However wide an attack is spread: the eldest signals beyond this go. */
const MOST_SIGNALS = 500_000

/** Forgets what is older than any window, and resolves the alerts of what is over. */
export const tendSignals = job({
  name: 'abuse.tend',
  input: z.object({}).passthrough(),
  maxAttempts: 3,
  schedule: '*/5 * * * *',
  async run({ app, ctx }) {
    const since = new Date(ctx.now.getTime() - LONGEST_WINDOW_SECONDS * 1000)
    await app.db.execute(sql`delete from abuse_signals where at < ${since}`)
    await app.db.execute(sql`
      delete from abuse_signals where at < (select at from abuse_signals order by at desc offset ${MOST_SIGNALS} limit 1)`)
    const { rows } = await app.db.execute<{ rule: string }>(
      sql`select distinct rule from abuse_detections where closed_at is null and until > ${ctx.now}`,
    )
    const live = new Set(rows.map(({ rule }) => rule))
    for (const rule of ABUSE_RULE_NAMES) if (!live.has(rule)) await app.ports.alerts.resolve(`abuse:${rule}`)
  },
})
