import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import { STAFF_GROUPS } from '#portal/platform/context.ts'

export const mailOutbox = pgTable('mail_outbox', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  key: bytea('key').notNull(),
  sealed: bytea('sealed').notNull(),
  createdAt: instant('created_at').notNull(),
})

export const NEWS_KINDS = ['first_view', 'refusals', 'expiry'] as const

export const notificationPreferences = pgTable(
  'notification_preferences',
  {
    userId: text('user_id').notNull(),
    kind: text('kind', { enum: NEWS_KINDS }).notNull(),
    delivery: text('delivery', { enum: ['soon', 'daily', 'off'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.kind] })],
)

export const ownerNews = pgTable('owner_news', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  userId: text('user_id').notNull(),
  kind: text('kind', { enum: NEWS_KINDS }).notNull(),
  shareId: text('share_id').notNull(),
  amount: integer('amount').notNull().default(1),
  /** Of several that gathered, the first. */
  happenedAt: instant('happened_at').notNull(),
  mailedAt: instant('mailed_at'),
})

export const refusalsRead = pgTable('refusals_read', {
  one: boolean('one').primaryKey(),
  leafIndex: bigint('leaf_index', { mode: 'number' }).notNull(),
})

export const alerts = pgTable('alerts', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  key: text('key').notNull(),
  severity: text('severity', { enum: ['info', 'warning', 'critical'] }).notNull(),
  summary: text('summary').notNull(),
  details: jsonb('details').$type<Record<string, string | number>>().notNull(),
  /** Staff groups that get its mail. */
  audience: text('audience', { enum: STAFF_GROUPS }).array().notNull(),
  raisedAt: instant('raised_at').notNull(),
  lastRaisedAt: instant('last_raised_at').notNull(),
  resolvedAt: instant('resolved_at'),
  /** How often it was raised while it was open. */
  count: integer('count').notNull(),
  acknowledgedAt: instant('acknowledged_at'),
  acknowledgedBy: text('acknowledged_by'),
  acknowledgeReason: text('acknowledge_reason'),
  /** Null where it cleared by itself. */
  resolvedBy: text('resolved_by'),
  resolveReason: text('resolve_reason'),
})

/** One channel to be told of one thing that happened to one alert. */
export const alertDeliveries = pgTable('alert_deliveries', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  alertId: bigint('alert_id', { mode: 'number' }).notNull(),
  channel: text('channel', { enum: ['pagerduty', 'slack', 'email'] }).notNull(),
  event: text('event', { enum: ['raised', 'acknowledged', 'resolved'] }).notNull(),
  status: text('status', { enum: ['waiting', 'delivered', 'given_up', 'skipped'] })
    .notNull()
    .default('waiting'),
  attempts: integer('attempts').notNull().default(0),
  lastError: text('last_error'),
  createdAt: instant('created_at').notNull(),
  lastTriedAt: instant('last_tried_at'),
  settledAt: instant('settled_at'),
})

export type AlertRow = typeof alerts.$inferSelect
export type AlertDeliveryRow = typeof alertDeliveries.$inferSelect
