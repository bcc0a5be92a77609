import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

export const signingKeys = pgTable('signing_keys', {
  /** The video service's key ID: the tokens' `kid`. */
  id: text('id').primaryKey(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  privateKeySealed: bytea('private_key_sealed').notNull(),
  createdAt: instant('created_at').notNull(),
  retiredAt: instant('retired_at'),
  deletedAt: instant('deleted_at'),
})

export const ownerPlaybacks = pgTable(
  'owner_playbacks',
  {
    userId: text('user_id').notNull(),
    videoId: text('video_id').notNull(),
    playbackClaim: text('playback_claim').notNull(),
    tokenExpiresAt: instant('token_expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.videoId] })],
)
