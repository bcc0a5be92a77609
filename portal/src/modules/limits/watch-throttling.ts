import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { readPolicy } from './follow-policy.ts'
import { RULE_NAMES, rulesWith } from './rules.ts'

/** RLA-08: of legitimate requests at most this part may be throttled. */
const MOST_SHARE = 0.02
/** Fewer say nothing. */
const LEAST_REQUESTS = 100

/**
 * Looks at the last hour: where more than two in a hundred legitimate requests were throttled, product is told. An
 * identity that was refused more often in a minute than its rule gives in a whole window is a flood, not a person.
 */
export const watchThrottling = job({
  name: 'limit.watch',
  input: z.object({}).passthrough(),
  maxAttempts: 3,
  schedule: '*/5 * * * *',
  async run({ app, ctx }) {
    const { set } = await readPolicy(app.db)
    const quotas = Object.entries(rulesWith(set)).map(([rule, { quota }]) => ({ rule, quota }))
    const { rows } = await app.db.execute<{ rule: string; admitted: number; throttled: number }>(sql`
      with quotas as (select * from jsonb_to_recordset(${JSON.stringify(quotas)}::jsonb) q (rule text, quota int)),
      people as (
        select rule, sum(count)::float throttled from limit_throttlings join quotas using (rule)
        where minute > ${ctx.now}::timestamptz - interval '1 hour' and enforced and reason = 'quota' and count <= quota
        group by rule)
      select rule, sum(admitted)::float admitted, coalesce(max(throttled), 0) throttled
      from limit_counts left join people using (rule)
      where minute > ${ctx.now}::timestamptz - interval '1 hour' group by rule`)
    // Each rule: one that nobody asks for any more has recovered too.
    for (const rule of RULE_NAMES) {
      const { admitted, throttled } = rows.find((row) => row.rule === rule) ?? { admitted: 0, throttled: 0 }
      const key = `limits.throttled:${rule}`
      const asked = admitted + throttled
      if (asked >= LEAST_REQUESTS && throttled > MOST_SHARE * asked)
        await app.ports.alerts.raise({
          key,
          severity: 'warning',
          summary: `More than 2 % of legitimate requests were throttled in an hour by the limit ${rule}. Product looks at it.`,
          details: { rule, throttled, requests: asked },
        })
      else await app.ports.alerts.resolve(key)
    }
  },
})
