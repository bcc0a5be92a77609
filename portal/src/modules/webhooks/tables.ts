import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import { OUTCOMES, REJECTION_REASONS, STATES } from './rules.ts'

export const ORIGINS = ['delivery', 'schedule', 'person', 'command'] as const
/** Who has a try made: the delivery itself and its retries, or a replay. */
export type Origin = (typeof ORIGINS)[number]

export const webhookEvents = pgTable('webhook_events', {
  id: text('id').primaryKey(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  type: text('type').notNull(),
  objectType: text('object_type').notNull(),
  objectId: text('object_id').notNull(),
  body: jsonb('body').$type<Record<string, unknown>>().notNull(),
  occurredAt: instant('occurred_at').notNull(),
  receivedAt: instant('received_at').notNull(),
  receivedCount: integer('received_count').notNull().default(1),
  appliedAt: instant('applied_at'),
  outcome: text('outcome', { enum: OUTCOMES }),
  attempts: integer('attempts').notNull().default(0),
  lastError: text('last_error'),
  lastTriedAt: instant('last_tried_at'),
  state: text('state', { enum: STATES }).notNull().default('pending'),
  nextTryAt: instant('next_try_at'),
  claimedUntil: instant('claimed_until'),
  claims: integer('claims').notNull().default(0),
  cause: text('cause'),
  diedAt: instant('died_at'),
  replayId: text('replay_id'),
  discardedAt: instant('discarded_at'),
  discardedBy: text('discarded_by'),
  discardReason: text('discard_reason'),
  synthetic: boolean('synthetic').notNull().default(false),
  signatures: bytea('signatures').array().notNull().default([]),
  subject: text('subject').generatedAlwaysAs(''),
})

export const webhookAttempts = pgTable('webhook_attempts', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  eventId: text('event_id').notNull(),
  number: integer('number').notNull(),
  origin: text('origin', { enum: ORIGINS }).notNull(),
  replayId: text('replay_id'),
  at: instant('at').notNull(),
  outcome: text('outcome', { enum: ['failed', 'applied'] }).notNull(),
  cause: text('cause'),
  error: text('error'),
  nextStep: text('next_step').notNull(),
})

export const webhookReplays = pgTable('webhook_replays', {
  id: text('id').primaryKey(),
  origin: text('origin', { enum: ['schedule', 'person', 'command'] }).notNull(),
  askedBy: text('asked_by').notNull(),
  askedAt: instant('asked_at').notNull(),
  selection: jsonb('selection').$type<Record<string, unknown>>().notNull(),
  found: integer('found').notNull(),
  applied: integer('applied').notNull().default(0),
  failed: integer('failed').notNull().default(0),
  progressAt: instant('progress_at').notNull(),
  finishedAt: instant('finished_at'),
})

export const webhookRejections = pgTable('webhook_rejections', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  reason: text('reason', { enum: REJECTION_REASONS }).notNull(),
  bodyBytes: bigint('body_bytes', { mode: 'number' }).notNull(),
  requestId: text('request_id').notNull(),
  receivedAt: instant('received_at').notNull(),
})

export const webhookRejectionCounts = pgTable(
  'webhook_rejection_counts',
  {
    hour: instant('hour').notNull(),
    reason: text('reason', { enum: REJECTION_REASONS }).notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    lastAt: instant('last_at').notNull(),
    told: bigint('told', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.hour, table.reason] })],
)

export const webhookKinds = pgTable('webhook_kinds', {
  kind: text('kind').primaryKey(),
  firstSeenAt: instant('first_seen_at').notNull(),
  eventId: text('event_id').notNull(),
})

export type WebhookEventRow = typeof webhookEvents.$inferSelect
