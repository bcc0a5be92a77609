import { bigint, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'

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
  outcome: text('outcome', { enum: ['applied', 'nothing_to_do', 'unknown_type', 'unknown_object'] }),
  attempts: integer('attempts').notNull().default(0),
  lastError: text('last_error'),
  lastTriedAt: instant('last_tried_at'),
})

export const webhookRejections = pgTable('webhook_rejections', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  reason: text('reason', { enum: ['signature', 'too_large', 'not_text', 'not_an_event'] }).notNull(),
  bodyBytes: bigint('body_bytes', { mode: 'number' }).notNull(),
  requestId: text('request_id').notNull(),
  receivedAt: instant('received_at').notNull(),
})

export type WebhookEventRow = typeof webhookEvents.$inferSelect
