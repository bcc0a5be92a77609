import { z } from 'zod'
import { read } from '#portal/platform/operation.ts'
import type { TierReport } from '../answers.ts'
import { runSql, type SqlRunner } from '../sql-runner.ts'
import { growthOf, readSizes } from './measure-sizes.ts'
import { TIER_STAFF } from './tier-staff.ts'

/** What lies in which tier, how large it is, and how the whole has grown. */
export const readTiers = read({
  action: 'audit.tiers',
  input: z.strictObject({}),
  allow: { ...TIER_STAFF, groups: ['security', 'compliance', 'finance'] },
  async run({ db, ctx }): Promise<TierReport> {
    const sizes = await readSizes(db, ctx.now, 366)
    return {
      tiers: await countTiers(db),
      days: sizes,
      growth: growthOf(sizes),
      lastRestore: await readLastRestore(db),
    }
  },
})

type Row = {
  tier: TierReport['tiers'][number]['tier']
  entries: number
  oldest: string | null
  sealed: number
}

async function countTiers(runner: SqlRunner): Promise<TierReport['tiers']> {
  const rows = await runSql<Row>(
    runner,
    `select 'hot' as tier, 0 as place, ((select size from audit_head) - count(*) * 256)::float8 as entries, 0 as sealed,
        (select to_json(min(time)) #>> '{}' from audit_leaves
          where index >= (select coalesce(max(n) + 1, 0) * 256 from audit_ranges)) as oldest
      from audit_ranges
    union all
    select named.tier, named.place, coalesce(sum(r.kept), 0)::float8, coalesce(sum(256 - r.kept), 0)::int, to_json(min(r.oldest)) #>> '{}'
      from unnest(array['warm', 'archive', 'purged']) with ordinality as named (tier, place)
      left join audit_ranges r on r.tier = named.tier group by named.tier, named.place
    order by place`,
    [],
  )
  return rows.map(({ tier, entries, sealed, oldest }) => ({ tier, entries, sealed, oldest }))
}

async function readLastRestore(runner: SqlRunner): Promise<TierReport['lastRestore']> {
  const [newest] = await runSql<NonNullable<TierReport['lastRestore']>>(
    runner,
    `select to_json(time) #>> '{}' as at, target_id as range, outcome = 'allowed' as "isProven"
    from audit_leaves where action = 'audit.restore' and target_type = 'audit_range'
    order by time desc, seq desc limit 1`,
    [],
  )
  return newest ?? null
}
