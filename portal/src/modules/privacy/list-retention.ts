import { desc, inArray, sql } from 'drizzle-orm'
import { read } from '#portal/platform/operation.ts'
import { listRetentionInput } from './inputs.ts'
import type { Removal } from './run-retention.ts'
import { retentionRemovals as removals } from './tables.ts'

export type RetentionRun = { id: string; ranAt: string; dry: boolean; removals: Removal[] }

/** Runs of retention, newest first: by rule what went, and how old the oldest is that stays. */
export const listRetention = read({
  action: 'retention.list',
  input: listRetentionInput,
  allow: { role: 'admin' },
  async run({ db, input }): Promise<{ runs: RetentionRun[] }> {
    const newest = db
      .select({ runId: removals.runId })
      .from(removals)
      .groupBy(removals.runId)
      .orderBy(desc(sql`max(${removals.ranAt})`), desc(removals.runId))
      .limit(input.limit)
    const rows = await db
      .select()
      .from(removals)
      .where(inArray(removals.runId, newest))
      .orderBy(desc(removals.ranAt), removals.id)
    const runs = Map.groupBy(rows, ({ runId }) => runId)
    return {
      runs: [...runs].map(([id, ofRun]) => ({
        id,
        ranAt: ofRun[0]?.ranAt.toISOString() ?? '',
        dry: ofRun[0]?.dry ?? false,
        removals: ofRun.map(({ table, rule, keptDays, removed, oldestLeft }) => ({
          ...{ table, rule, keptDays, removed },
          oldestLeft: oldestLeft?.toISOString() ?? null,
        })),
      })),
    }
  },
})
