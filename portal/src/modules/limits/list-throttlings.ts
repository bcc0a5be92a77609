import { sql } from 'drizzle-orm'
import { read } from '#portal/platform/operation.ts'
import type { RuleCount, Throttlings } from './answers.ts'
import { throttlingsInput } from './inputs.ts'
import type { RuleName } from './rules.ts'

const HOUR_MS = 3_600_000
const MOST_IDENTITIES = 20

/** What was throttled, and what would have been, in the last hours. */
export const listThrottlings = read({
  action: 'limit.throttlings',
  input: throttlingsInput,
  allow: { role: 'admin' },
  async run({ db, input, ctx }): Promise<Throttlings> {
    const until = new Date(Math.ceil((ctx.now.getTime() + 1) / HOUR_MS) * HOUR_MS)
    const from = new Date(until.getTime() - input.hours * HOUR_MS)
    const hours = await db.execute<Omit<RuleCount, 'rule'> & { at: string }>(sql`
      select to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') at, coalesce(sum(admitted), 0)::float admitted,
        coalesce(sum(refused), 0)::float refused, coalesce(sum(would_refuse), 0)::float "wouldRefuse"
      from generate_series(${from}::timestamptz, ${until}::timestamptz - interval '1 hour', interval '1 hour') hour
      left join limit_counts on minute >= hour and minute < hour + interval '1 hour'
      group by hour order by hour`)
    const rules = await db.execute<RuleCount>(sql`
      select rule, sum(admitted)::float admitted, sum(refused)::float refused, sum(would_refuse)::float "wouldRefuse"
      from limit_counts where minute >= ${from} group by rule order by rule`)
    const worst = await db.execute<Throttlings['worst'][number]>(sql`
      select rule, identity, enforced, reason, sum(count)::float count,
        to_char(max(last_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') "lastAt"
      from limit_throttlings where minute >= ${from}
      group by rule, identity, enforced, reason order by 5 desc, max(last_at) desc limit ${MOST_IDENTITIES}`)
    return {
      from: from.toISOString(),
      until: until.toISOString(),
      hours: hours.rows,
      rules: rules.rows as (RuleCount & { rule: RuleName })[],
      worst: worst.rows,
    }
  },
})
