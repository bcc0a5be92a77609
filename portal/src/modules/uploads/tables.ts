import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'
import { CHECKSUM_VERDICTS, UPLOAD_FAILURES, UPLOAD_MOVERS, UPLOAD_STATUSES } from './rules.ts'

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
  status: text('status', { enum: UPLOAD_STATUSES }).notNull(),
  failureReason: text('failure_reason', { enum: UPLOAD_FAILURES }),
  error: text('error'),
  receivedBytes: bigint('received_bytes', { mode: 'number' }).notNull().default(0),
  heardAt: instant('heard_at'),
  writer: text('writer'),
  headSha256: bytea('head_sha256'),
  sentSha256: bytea('sent_sha256'),
  receivedSha256: bytea('received_sha256'),
  checksum: text('checksum', { enum: CHECKSUM_VERDICTS }).notNull().default('pending'),
  movedBy: text('moved_by', { enum: UPLOAD_MOVERS }),
  movedById: text('moved_by_id'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  completedAt: instant('completed_at'),
  checkedAt: instant('checked_at').notNull(),
})

export type UploadRow = typeof uploads.$inferSelect

/** Written by the trigger on `uploads` alone. */
export const uploadTransitions = pgTable(
  'upload_transitions',
  {
    uploadId: text('upload_id').notNull(),
    fromStatus: text('from_status', { enum: UPLOAD_STATUSES }),
    toStatus: text('to_status', { enum: UPLOAD_STATUSES }).notNull(),
    at: instant('at').notNull(),
    movedBy: text('moved_by', { enum: UPLOAD_MOVERS }).notNull(),
    movedById: text('moved_by_id'),
    reason: text('reason'),
  },
  (table) => [primaryKey({ columns: [table.uploadId, table.toStatus] })],
)
