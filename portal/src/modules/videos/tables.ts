import { boolean, doublePrecision, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'
import type { Chapter } from './rules.ts'

export const videos = pgTable('videos', {
  id: text('id').primaryKey(),
  organisationId: text('organisation_id').notNull(),
  ownerId: text('owner_id').notNull(),
  title: text('title').notNull(),
  status: text('status', { enum: ['waiting', 'processing', 'ready', 'failed', 'deleted'] }).notNull(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  assetId: text('asset_id'),
  playbackId: text('playback_id'),
  durationSeconds: doublePrecision('duration_seconds'),
  aspectRatio: text('aspect_ratio'),
  resolutionTier: text('resolution_tier'),
  complete: boolean('complete').notNull().default(false),
  progressPercent: doublePrecision('progress_percent'),
  error: text('error'),
  createdAt: instant('created_at').notNull(),
  readyAt: instant('ready_at'),
  deletedAt: instant('deleted_at'),
  assetDeletedAt: instant('asset_deleted_at'),
  lastProviderEventAt: instant('last_provider_event_at'),
  checkedAt: instant('checked_at').notNull(),
  /** In order of time. */
  chapters: jsonb('chapters').$type<Chapter[]>().notNull().default([]),
})

export type VideoRow = typeof videos.$inferSelect

/** Playback IDs that an emergency took away from a video, and when the service confirmed that they are gone. */
export const retiredPlaybackIds = pgTable('retired_playback_ids', {
  playbackId: text('playback_id').primaryKey(),
  assetId: text('asset_id').notNull(),
  videoId: text('video_id').notNull(),
  retiredAt: instant('retired_at').notNull(),
  deletedAt: instant('deleted_at'),
})
