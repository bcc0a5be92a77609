import { bigint, boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

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
