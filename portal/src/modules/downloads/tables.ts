import { bigint, boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

/** A copy of a video for one viewer: what was asked for, how far it is, where it lies. */
export const downloads = pgTable('downloads', {
  id: text('id').primaryKey(),
  shareId: text('share_id').notNull(),
  viewerSessionId: text('viewer_session_id').notNull(),
  rendition: text('rendition').notNull(),
  watermark: boolean('watermark').notNull(),
  status: text('status', { enum: ['preparing', 'ready', 'failed', 'removed'] }).notNull(),
  /** 0 to 100. */
  progress: integer('progress').notNull().default(0),
  /** Of the rendition at the video service. */
  fileName: text('file_name'),
  /** Of the copy with its watermark in the portal's storage; null: the rendition is passed on as it is. */
  objectKey: text('object_key'),
  bytes: bigint('bytes', { mode: 'number' }),
  ticketHash: bytea('ticket_hash'),
  ticketExpiresAt: instant('ticket_expires_at'),
  taken: integer('taken').notNull().default(0),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  removedAt: instant('removed_at'),
})
