import { bigint, boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'

/** What one run of retention did by one rule. */
export const retentionRemovals = pgTable('retention_removals', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  runId: text('run_id').notNull(),
  ranAt: instant('ran_at').notNull(),
  dry: boolean('dry').notNull(),
  table: text('table_name').notNull(),
  rule: text('rule').notNull(),
  keptDays: integer('kept_days').notNull(),
  removed: integer('removed').notNull(),
  oldestLeft: instant('oldest_left'),
})
