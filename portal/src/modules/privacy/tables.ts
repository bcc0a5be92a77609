import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import type { ErasedRows } from '#portal/platform/erasure.ts'
import { ERASURE_REASONS, VIDEO_FATES } from './rules.ts'

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

/** One person's erasure: who asked, which second person agreed, how far it is. */
export const erasures = pgTable('erasures', {
  id: text('id').primaryKey(),
  kind: text('kind', { enum: ['account', 'guest'] }).notNull(),
  userId: text('user_id'),
  /** Whom it is about; emptied at the end. */
  personSealed: bytea('person_sealed'),
  personHash: bytea('person_hash'),
  reason: text('reason', { enum: ERASURE_REASONS }).notNull(),
  reference: text('reference').notNull(),
  videos: text('videos', { enum: VIDEO_FATES }),
  successorId: text('successor_id'),
  askedBy: text('asked_by').notNull(),
  askedAt: instant('asked_at').notNull(),
  status: text('status', { enum: ['pending', 'running', 'done', 'declined'] }).notNull(),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  round: integer('round').notNull().default(1),
  failure: text('failure'),
  finishedAt: instant('finished_at'),
})

/** What one module removed in one round. */
export const erasureSteps = pgTable(
  'erasure_steps',
  {
    erasureId: text('erasure_id').notNull(),
    round: integer('round').notNull(),
    place: integer('place').notNull(),
    step: text('step').notNull(),
    removed: jsonb('removed').$type<ErasedRows[]>().notNull(),
    doneAt: instant('done_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.erasureId, table.round, table.step] })],
)
