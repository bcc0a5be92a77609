import { bigint, pgTable, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

export const uploads = pgTable('uploads', {
  id: text('id').primaryKey(),
  videoId: text('video_id').notNull(),
  organisationId: text('organisation_id').notNull(),
  ownerId: text('owner_id').notNull(),
  projectId: text('project_id'),
  intendedAccess: text('intended_access', { enum: ['link', 'email', 'account'] }),
  filename: text('filename').notNull(),
  contentType: text('content_type').notNull(),
  sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
  providerUploadId: text('provider_upload_id'),
  uploadUrl: bytea('upload_url'),
  status: text('status', { enum: ['waiting', 'processing', 'ready', 'failed', 'cancelled'] }).notNull(),
  error: text('error'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  completedAt: instant('completed_at'),
  checkedAt: instant('checked_at').notNull(),
})

export type UploadRow = typeof uploads.$inferSelect
