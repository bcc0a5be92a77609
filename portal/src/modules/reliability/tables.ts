import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'

/** One synthetic revoke and what it measured. */
export const revokeProbes = pgTable('revoke_probes', {
  id: text('id').primaryKey(),
  ranAt: instant('ran_at').notNull(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  stopMs: integer('stop_ms'),
  mediaMs: integer('media_ms'),
  stopBoundMs: integer('stop_bound_ms').notNull(),
  mediaBoundMs: integer('media_bound_ms').notNull(),
  error: text('error'),
})
