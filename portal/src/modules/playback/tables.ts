import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

export const signingKeys = pgTable('signing_keys', {
  /** The video service's key ID: the tokens' `kid`. */
  id: text('id').primaryKey(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  privateKeySealed: bytea('private_key_sealed').notNull(),
  createdAt: instant('created_at').notNull(),
  /** From here on it signs nothing. */
  retiredAt: instant('retired_at'),
  retireReason: text('retire_reason', { enum: ['scheduled', 'requested', 'compromised'] }),
  retiredBy: text('retired_by'),
  /** When the last token that it signed has ended: it is deleted at the video service then. */
  deleteAfter: instant('delete_after'),
  /** Gone at the video service; its private half is emptied here. */
  deletedAt: instant('deleted_at'),
  /** A second person has looked at a rotation for a compromise. */
  reviewedAt: instant('reviewed_at'),
  reviewedBy: text('reviewed_by'),
})

export const ownerPlaybacks = pgTable(
  'owner_playbacks',
  {
    userId: text('user_id').notNull(),
    videoId: text('video_id').notNull(),
    /** The session that it is watched by; empty for an API key's. */
    sessionId: text('session_id').notNull().default(''),
    playbackClaim: text('playback_claim').notNull(),
    tokenExpiresAt: instant('token_expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.videoId, table.sessionId] })],
)
