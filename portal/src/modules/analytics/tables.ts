import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'
import type { Run } from './rules.ts'

export const analyticsSettings = pgTable('analytics_settings', {
  organisationId: text('organisation_id').primaryKey(),
  recording: boolean('recording').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
})

export const viewerProgress = pgTable('viewer_progress', {
  viewerSessionId: text('viewer_session_id').primaryKey(),
  shareId: text('share_id').notNull(),
  durationMs: integer('duration_ms').notNull(),
  /** Milliseconds played in each part of the video. */
  parts: integer('parts').array().notNull(),
  /** Of these, each moment of the video once. */
  seenMs: integer('seen_ms').notNull().default(0),
  furthestMs: integer('furthest_ms').notNull().default(0),
  firstAt: instant('first_at').notNull(),
  lastAt: instant('last_at').notNull(),
  /** Milliseconds of playing that may still be claimed at `lastAt`. */
  creditMs: integer('credit_ms').notNull(),
  runs: jsonb('runs').$type<Run[]>().notNull().default([]),
})
