import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

export const shares = pgTable('shares', {
  id: text('id').primaryKey(),
  videoId: text('video_id').notNull(),
  organisationId: text('organisation_id').notNull(),
  createdBy: text('created_by').notNull(),
  access: text('access', { enum: ['link', 'email', 'account'] }).notNull(),
  tokenHash: bytea('token_hash').notNull(),
  /** Addresses ("jo@example.com") and domains ("@example.com"), lower case; empty: nobody is excluded. */
  allow: text('allow').array().notNull().default([]),
  passwordHash: text('password_hash'),
  maxViews: integer('max_views'),
  viewsUsed: integer('views_used').notNull().default(0),
  expiresAt: instant('expires_at').notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at'),
  revokedAt: instant('revoked_at'),
  revokeReason: text('revoke_reason'),
  revokedBy: text('revoked_by'),
  region: text('region').notNull(),
})

export const viewerSessions = pgTable('viewer_sessions', {
  id: text('id').primaryKey(),
  shareId: text('share_id').notNull(),
  cookieHash: bytea('cookie_hash').notNull(),
  userId: text('user_id'),
  emailHash: bytea('email_hash'),
  emailSealed: bytea('email_sealed'),
  emailVerifiedAt: instant('email_verified_at'),
  passwordPassedAt: instant('password_passed_at'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  playbackClaim: text('playback_claim').notNull(),
  viewStartedAt: instant('view_started_at'),
  tokenExpiresAt: instant('token_expires_at'),
  renewals: integer('renewals').notNull().default(0),
  endedAt: instant('ended_at'),
  blackAt: instant('black_at'),
})

export const viewerCodes = pgTable('viewer_codes', {
  viewerSessionId: text('viewer_session_id').primaryKey(),
  emailHash: bytea('email_hash').notNull(),
  codeHash: bytea('code_hash').notNull(),
  expiresAt: instant('expires_at').notNull(),
  attempts: integer('attempts').notNull().default(0),
})
