import { date, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import type { StaffGroup } from '#portal/platform/context.ts'

export const apiKeys = pgTable('api_keys', {
  id: text('id').primaryKey(),
  ownerId: text('owner_id').notNull(),
  name: text('name').notNull(),
  keyHash: bytea('key_hash').notNull(),
  lastFour: text('last_four').notNull(),
  scopes: text('scopes').array().notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  lastUsedOn: date('last_used_on'),
  revokedAt: instant('revoked_at'),
  revokedBy: text('revoked_by'),
})

export const staffReviews = pgTable('staff_reviews', {
  id: text('id').primaryKey(),
  quarter: text('quarter').notNull(),
  openedAt: instant('opened_at').notNull(),
  dueAt: instant('due_at').notNull(),
  closedAt: instant('closed_at'),
})

export const staffReviewItems = pgTable(
  'staff_review_items',
  {
    reviewId: text('review_id').notNull(),
    userId: text('user_id').notNull(),
    staffGroup: text('staff_group').$type<StaffGroup>().notNull(),
    decision: text('decision', { enum: ['keep', 'revoke'] }),
    evidence: text('evidence'),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
  },
  (table) => [primaryKey({ columns: [table.reviewId, table.userId, table.staffGroup] })],
)

export const emergencyGrants = pgTable('emergency_grants', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  staffGroup: text('staff_group').$type<StaffGroup>(),
  organisationId: text('organisation_id'),
  reason: text('reason').notNull(),
  minutes: integer('minutes').notNull(),
  requestedAt: instant('requested_at').notNull(),
  decision: text('decision', { enum: ['approved', 'declined'] }),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  endsAt: instant('ends_at'),
  endedBy: text('ended_by'),
  reviewedBy: text('reviewed_by'),
  reviewedAt: instant('reviewed_at'),
  reviewNote: text('review_note'),
  reviewVerdict: text('review_verdict', { enum: ['justified', 'not_justified'] }),
})
