import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'
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

/** A running process of the portal; `beatAt` is when it last wrote down what it counted. */
export const telemetryProcesses = pgTable('telemetry_processes', {
  id: text('id').primaryKey(),
  roles: text('roles').array().notNull(),
  startedAt: instant('started_at').notNull(),
  beatAt: instant('beat_at').notNull(),
  stoppedAt: instant('stopped_at'),
})

/** A CSV of what was counted, kept as a file for a year. */
export const telemetryExports = pgTable('telemetry_exports', {
  id: text('id').primaryKey(),
  madeAt: instant('made_at').notNull(),
  madeBy: text('made_by').notNull(),
  fromAt: instant('from_at').notNull(),
  untilAt: instant('until_at').notNull(),
  rows: integer('rows').notNull(),
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
  sha256: text('sha256').notNull(),
  expiresAt: instant('expires_at').notNull(),
  deletedAt: instant('deleted_at'),
})
