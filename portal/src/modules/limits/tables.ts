import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'
import type { LimitClass, LimitNumbers } from './rules.ts'

export const limitPolicies = pgTable('limit_policies', {
  version: integer('version').primaryKey(),
  rules: jsonb('rules').$type<Record<string, LimitNumbers>>().notNull(),
  reason: text('reason').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
})

export const limitCounts = pgTable(
  'limit_counts',
  {
    minute: instant('minute').notNull(),
    rule: text('rule').notNull(),
    admitted: bigint('admitted', { mode: 'number' }).notNull(),
    refused: bigint('refused', { mode: 'number' }).notNull(),
    wouldRefuse: bigint('would_refuse', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.rule] })],
)

export const limitThrottlings = pgTable(
  'limit_throttlings',
  {
    minute: instant('minute').notNull(),
    rule: text('rule').notNull(),
    identity: text('identity').notNull(),
    enforced: boolean('enforced').notNull(),
    reason: text('reason').notNull(),
    policyVersion: integer('policy_version').notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.minute, table.rule, table.identity, table.enforced, table.reason] }),
  ],
)

export const limitOverrides = pgTable('limit_overrides', {
  id: text('id').primaryKey(),
  limitClass: text('limit_class').$type<LimitClass>().notNull(),
  subjectKind: text('subject_kind', { enum: ['user', 'organisation', 'share'] }).notNull(),
  subjectId: text('subject_id').notNull(),
  quota: integer('quota').notNull(),
  reason: text('reason').notNull(),
  askedBy: text('asked_by').notNull(),
  askedAt: instant('asked_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  decision: text('decision', { enum: ['approved', 'declined'] }),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  endedBy: text('ended_by'),
  endedAt: instant('ended_at'),
})

export const budgetLevels = pgTable('budget_levels', {
  id: text('id').primaryKey(),
  /** Order in which they were set. */
  place: bigint('place', { mode: 'number' }).generatedAlwaysAsIdentity(),
  level: text('level', { enum: ['normal', 'warning', 'exhausted'] }).notNull(),
  reason: text('reason').notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
  until: instant('until').notNull(),
})
