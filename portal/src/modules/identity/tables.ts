import { bigint, boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import type { StaffGroup } from '#portal/platform/context.ts'

export const organisations = pgTable('organisations', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  region: text('region').notNull(),
  createdAt: instant('created_at').notNull(),
})

/** Better Auth's `user` model. */
export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
})

/** Better Auth's `session` model; addresses and user agents are never filled in. */
export const sessions = pgTable('sessions', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  token: text('token').notNull(),
  expiresAt: instant('expires_at').notNull(),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  /** "Chrome on macOS", reduced from the user agent at sign-in. */
  deviceLabel: text('device_label'),
  /** Within five minutes. */
  lastSeenAt: instant('last_seen_at'),
  secondFactorAt: instant('second_factor_at'),
  /** When whoever uses it last showed that it is they; null: at its beginning. */
  provedAt: instant('proved_at'),
  /** The session of another identity service that this one came from. */
  vendorSession: text('vendor_session'),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
})

/** Better Auth's `account` model: one credential of a user. */
export const accounts = pgTable('accounts', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: instant('access_token_expires_at'),
  refreshTokenExpiresAt: instant('refresh_token_expires_at'),
  scope: text('scope'),
  password: text('password'),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
})

/** Better Auth's `verification` model. */
export const verifications = pgTable('verifications', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull(),
  value: text('value').notNull(),
  expiresAt: instant('expires_at').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
})

export const members = pgTable('members', {
  userId: text('user_id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  role: text('role', { enum: ['guest', 'agency', 'admin'] }).notNull(),
  staffGroups: text('staff_groups').array().$type<StaffGroup[]>().notNull().default([]),
  createdAt: instant('created_at').notNull(),
  /** From then on nobody comes in as this person; what they made stays. */
  deactivatedAt: instant('deactivated_at'),
  /** From then on nobody stands behind it; the row stays for what refers to it. */
  erasedAt: instant('erased_at'),
})

/** Addresses that somebody had here before; gone with the person's erasure. */
export const formerAddresses = pgTable('former_addresses', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  addressSealed: bytea('address_sealed').notNull(),
  changedAt: instant('changed_at').notNull(),
})

export const invitations = pgTable('invitations', {
  id: text('id').primaryKey(),
  tokenHash: bytea('token_hash').notNull(),
  email: text('email').notNull(),
  organisationId: text('organisation_id').notNull(),
  role: text('role', { enum: ['guest', 'agency', 'admin'] }).notNull(),
  invitedBy: text('invited_by').notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  acceptedAt: instant('accepted_at'),
  withdrawnAt: instant('withdrawn_at'),
  /** When it was last mailed, and how often; the first mail is the first send. */
  sentAt: instant('sent_at'),
  sends: integer('sends').notNull().default(1),
})

/** One authenticator app a person; it guards nothing before `confirmedAt`. */
export const totpFactors = pgTable('totp_factors', {
  userId: text('user_id').primaryKey(),
  secretSealed: bytea('secret_sealed').notNull(),
  createdAt: instant('created_at').notNull(),
  confirmedAt: instant('confirmed_at'),
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
})

export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    userId: text('user_id').notNull(),
    codeHash: bytea('code_hash').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
)

/** Better Auth's `passkey` model. */
export const passkeys = pgTable('passkeys', {
  id: text('id').primaryKey(),
  name: text('name'),
  userId: text('user_id').notNull(),
  publicKey: text('public_key').notNull(),
  credentialID: text('credential_id').notNull(),
  counter: bigint('counter', { mode: 'number' }).notNull(),
  deviceType: text('device_type').notNull(),
  backedUp: boolean('backed_up').notNull(),
  transports: text('transports'),
  aaguid: text('aaguid'),
  createdAt: instant('created_at').notNull().defaultNow(),
})

/** Codes and links on their way by mail. */
export const accountProofs = pgTable('account_proofs', {
  id: text('id').primaryKey(),
  purpose: text('purpose', { enum: ['sign-in', 'reset', 'email-change'] }).notNull(),
  emailSealed: bytea('email_sealed').notNull(),
  secretHash: bytea('secret_hash').notNull(),
  userId: text('user_id'),
  presentHash: bytea('present_hash'),
  attempts: integer('attempts').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
})
