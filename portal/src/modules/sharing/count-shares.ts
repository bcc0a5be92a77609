import { and, sql } from 'drizzle-orm'
import { read } from '#portal/platform/operation.ts'
import { shareFilterInput } from './inputs.ts'
import { adminQuest } from './queries.ts'
import { SHARE_STATUSES, type ShareStatus } from './rules.ts'
import { endsDay, standing } from './share-state.ts'

/** Beyond this many it says "1,000+". */
export const COUNTED = 1000

/** How many shares each state has under the other filters; at most one more than `COUNTED`, which stands for more. */
export const countShares = read({
  action: 'share.admin-count',
  input: shareFilterInput.omit({ sort: true, order: true, status: true }),
  allow: { role: 'admin' },
  async run({ db, input, ctx }): Promise<Record<ShareStatus, number>> {
    const counts = {} as Record<ShareStatus, number>
    for (const status of SHARE_STATUSES) {
      const quest = await adminQuest(db, { ...input, status }, ctx.now)
      counts[status] = quest ? await count(quest) : 0
    }
    return counts

    async function count({
      filters,
      narrow,
      standings,
      days,
    }: NonNullable<Awaited<ReturnType<typeof adminQuest>>>) {
      const from = days.from?.toISOString().slice(0, 10)
      // In the order of an index for each standing, so that no plan begins at the oldest end of the table.
      const parts = standings.map(
        (name) =>
          sql`(select 1 from shares where ${and(
            sql`${standing} = ${name}`,
            from ? sql`${endsDay} >= ${from}::date` : undefined,
            ...filters,
          )} order by ${endsDay} desc limit ${COUNTED + 1})`,
      )
      const source = narrow
        ? sql`select 1 from (select distinct on (shares.id) shares.* from (${narrow(COUNTED * 5)}) as shares) as shares where ${and(...filters)}`
        : sql.join(parts, sql` union all `)
      const { rows } = await db.execute<{ n: number }>(
        sql`select count(*)::int as n from (select 1 from (${source}) as found limit ${COUNTED + 1}) as counted`,
      )
      return rows[0]?.n ?? 0
    }
  },
})
