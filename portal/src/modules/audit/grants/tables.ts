import { integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'

export const logGrants = pgTable('log_grants', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  origin: text('origin', { enum: ['asked', 'first', 'command'] }).notNull(),
  reason: text('reason').notNull(),
  hours: integer('hours').notNull(),
  askedAt: instant('asked_at').notNull(),
  decision: text('decision', { enum: ['approved', 'declined'] }),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  endsAt: instant('ends_at'),
  endedBy: text('ended_by'),
  closedAt: instant('closed_at'),
  copiedAt: instant('copied_at'),
})

export const logReviews = pgTable('log_reviews', {
  id: text('id').primaryKey(),
  quarter: text('quarter').notNull(),
  openedAt: instant('opened_at').notNull(),
  dueAt: instant('due_at').notNull(),
  remindedAt: instant('reminded_at').notNull(),
  closedAt: instant('closed_at'),
})

export const logReviewItems = pgTable(
  'log_review_items',
  {
    reviewId: text('review_id').notNull(),
    grantId: text('grant_id').notNull(),
    decision: text('decision', { enum: ['keep', 'remove'] }),
    evidence: text('evidence'),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
  },
  (table) => [primaryKey({ columns: [table.reviewId, table.grantId] })],
)

export const logSearches = pgTable('log_searches', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  name: text('name').notNull(),
  query: jsonb('query').$type<Record<string, string>>().notNull(),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
})
