import { bigint, boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'
import type { AbuseNumbers, AbuseRuleName } from './rules.ts'

export const abusePolicies = pgTable('abuse_policies', {
  version: integer('version').primaryKey(),
  rules: jsonb('rules').$type<Record<string, AbuseNumbers>>().notNull(),
  reason: text('reason').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
})

export const abuseDetections = pgTable('abuse_detections', {
  id: text('id').primaryKey(),
  rule: text('rule').$type<AbuseRuleName>().notNull(),
  subject: text('subject').notNull(),
  policyVersion: integer('policy_version').notNull(),
  threshold: integer('threshold').notNull(),
  enforced: boolean('enforced').notNull(),
  action: text('action', { enum: ['none', 'slow', 'challenge', 'block'] }).notNull(),
  detectedAt: instant('detected_at').notNull(),
  until: instant('until').notNull(),
  refused: bigint('refused', { mode: 'number' }).notNull().default(0),
  lastRefusedAt: instant('last_refused_at'),
  closedAt: instant('closed_at'),
  letGoBy: text('let_go_by'),
  letGoReason: text('let_go_reason'),
  sparedUntil: instant('spared_until'),
})
