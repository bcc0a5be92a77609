import { boolean, integer, jsonb, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import type { ShareLimits } from './inputs.ts'
import { DOWNLOADS } from './rules.ts'
import type { ShareCheckReport } from './share-check-words.ts'

export const shares = pgTable('shares', {
  id: text('id').primaryKey(),
  videoId: text('video_id').notNull(),
  organisationId: text('organisation_id').notNull(),
  createdBy: text('created_by').notNull(),
  access: text('access', { enum: ['link', 'email', 'account'] }).notNull(),
  /** Null until the token is made: where a second person decides, after that. */
  tokenHash: bytea('token_hash'),
  /** Addresses ("jo@example.com") and domains ("@example.com"), lower case; empty: nobody is excluded. */
  allow: text('allow').array().notNull().default([]),
  deny: text('deny').array().notNull().default([]),
  passwordHash: text('password_hash'),
  agreementId: text('agreement_id'),
  /** ISO 3166-1 alpha-2; empty: from anywhere. */
  countries: text('countries').array().notNull().default([]),
  maxViewers: integer('max_viewers'),
  viewersUsed: integer('viewers_used').notNull().default(0),
  maxViews: integer('max_views'),
  viewsUsed: integer('views_used').notNull().default(0),
  startsAt: instant('starts_at'),
  expiresAt: instant('expires_at').notNull(),
  watermark: boolean('watermark').notNull().default(false),
  oneDevice: boolean('one_device').notNull().default(false),
  /** Thumbprint (RFC 7638) of the device that began first. */
  deviceKey: bytea('device_key'),
  deviceBoundAt: instant('device_bound_at'),
  /** Which rendition viewers may take away; null: none. */
  download: text('download', { enum: DOWNLOADS }),
  /** For the viewer. */
  note: text('note'),
  /** Why it goes beyond the limits, for the second person. */
  reason: text('reason'),
  approval: text('approval', { enum: ['pending', 'approved', 'declined', 'open'] })
    .notNull()
    .default('open'),
  asks: text('asks').array().notNull().default([]),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at'),
  /** Whether the parts that were watched are kept for the owner. */
  analytics: boolean('analytics').notNull().default(true),
  firstViewToldAt: instant('first_view_told_at'),
  expiryToldAt: instant('expiry_told_at'),
  revokedAt: instant('revoked_at'),
  revokeReason: text('revoke_reason'),
  revokedBy: text('revoked_by'),
  /** Of a scheduled revoke: `expiresAt` is its instant, and this what it was before. */
  scheduledReason: text('scheduled_reason'),
  scheduledBy: text('scheduled_by'),
  expiresBeforeSchedule: instant('expires_before_schedule'),
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
  agreementId: text('agreement_id'),
  agreedAt: instant('agreed_at'),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  playbackClaim: text('playback_claim').notNull(),
  viewStartedAt: instant('view_started_at'),
  /** Version of the notice before Watch; null where nothing is kept for the owner. */
  notice: smallint('notice'),
  tokenExpiresAt: instant('token_expires_at'),
  renewals: integer('renewals').notNull().default(0),
  endedAt: instant('ended_at'),
  blackAt: instant('black_at'),
  /** Of the newest proof of the device. */
  proofAt: instant('proof_at'),
  /** The viewer wants no record of how they watch. */
  objectedAt: instant('objected_at'),
  /** Whose browser this was, once its cookie serves a later session of the same share. */
  pastCookieHash: bytea('past_cookie_hash'),
})

export const viewerCodes = pgTable('viewer_codes', {
  viewerSessionId: text('viewer_session_id').primaryKey(),
  emailHash: bytea('email_hash').notNull(),
  codeHash: bytea('code_hash').notNull(),
  expiresAt: instant('expires_at').notNull(),
  attempts: integer('attempts').notNull().default(0),
})

/** One version of a text that viewers accept; it never changes. */
export const agreements = pgTable('agreements', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  version: integer('version').notNull(),
  body: text('body').notNull(),
  sha256: bytea('sha256').notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: instant('created_at').notNull(),
})

/** The newest version holds. */
export const shareLimits = pgTable('share_limits', {
  version: integer('version').primaryKey(),
  limits: jsonb('limits').$type<ShareLimits>().notNull(),
  setBy: text('set_by').notNull(),
  setAt: instant('set_at').notNull(),
})

/** A revoke of many shares, or of one person, with who asked, who decided or reviewed, and what came of it. */
export const revocations = pgTable('revocations', {
  id: text('id').primaryKey(),
  emergency: boolean('emergency').notNull(),
  videoId: text('video_id'),
  /** A person or an organisation. */
  ownerId: text('owner_id'),
  viewerHash: bytea('viewer_hash'),
  shareIds: text('share_ids').array(),
  reason: text('reason').notNull(),
  note: text('note'),
  askedBy: text('asked_by').notNull(),
  askedAt: instant('asked_at').notNull(),
  sharesAsked: integer('shares_asked').notNull(),
  watchingAsked: integer('watching_asked').notNull(),
  status: text('status', { enum: ['pending', 'running', 'done', 'declined', 'lapsed'] }).notNull(),
  decideUntil: instant('decide_until').notNull(),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  decisionReason: text('decision_reason'),
  sharesStopped: integer('shares_stopped').notNull().default(0),
  playersStopped: integer('players_stopped').notNull().default(0),
  actedAt: instant('acted_at'),
  replacedPlaybackIds: integer('replaced_playback_ids').notNull().default(0),
  review: text('review', { enum: ['open', 'confirmed', 'disputed'] }),
  reviewedBy: text('reviewed_by'),
  reviewedAt: instant('reviewed_at'),
  reviewReason: text('review_reason'),
})

/** People who may not watch by any share that asks for an address. */
export const viewerBars = pgTable('viewer_bars', {
  id: text('id').primaryKey(),
  emailHash: bytea('email_hash').notNull(),
  revocationId: text('revocation_id'),
  reason: text('reason').notNull(),
  barredBy: text('barred_by').notNull(),
  barredAt: instant('barred_at').notNull(),
  liftedBy: text('lifted_by'),
  liftedAt: instant('lifted_at'),
})

/** What the video service was told to stop, and when it said that it has. */
export const playbackStops = pgTable('playback_stops', {
  id: text('id').primaryKey(),
  revocationId: text('revocation_id'),
  askedAt: instant('asked_at').notNull(),
  confirmedAt: instant('confirmed_at'),
})

/** When an invited address was last reminded; the address as a keyed hash. */
export const shareReminders = pgTable(
  'share_reminders',
  {
    shareId: text('share_id').notNull(),
    emailHash: bytea('email_hash').notNull(),
    times: integer('times').notNull().default(1),
    remindedAt: instant('reminded_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.shareId, table.emailHash] })],
)

/** Asked to live longer, or for more views, than the limits let anybody give alone. */
export const shareExtensions = pgTable('share_extensions', {
  id: text('id').primaryKey(),
  shareId: text('share_id').notNull(),
  expiresAt: instant('expires_at').notNull(),
  maxViews: integer('max_views'),
  asks: text('asks').array().notNull(),
  reason: text('reason').notNull(),
  askedBy: text('asked_by').notNull(),
  askedAt: instant('asked_at').notNull(),
  decision: text('decision', { enum: ['approved', 'declined'] }),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
})

/** A named way of looking at the staff's list: what stands in its address. */
export const shareListViews = pgTable('share_list_views', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  name: text('name').notNull(),
  query: jsonb('query').$type<Record<string, string>>().notNull(),
  isDefault: boolean('is_default').notNull().default(false),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
})

/** What the nightly look at all shares found. */
export const shareChecks = pgTable('share_checks', {
  id: text('id').primaryKey(),
  checkedAt: instant('checked_at').notNull(),
  report: jsonb('report').$type<ShareCheckReport>().notNull(),
})
