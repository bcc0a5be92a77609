import { bigint, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { instant } from '#portal/platform/columns.ts'
import type { FindingKind } from './rules.ts'

/** One synthetic revoke and what it measured. */
export const revokeProbes = pgTable('revoke_probes', {
  id: text('id').primaryKey(),
  ranAt: instant('ran_at').notNull(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  stopMs: integer('stop_ms'),
  mediaMs: integer('media_ms'),
  stopBoundMs: integer('stop_bound_ms').notNull(),
  mediaBoundMs: integer('media_bound_ms').notNull(),
  error: text('error'),
})

/** A running process of the portal; `beatAt` is when it last wrote down what it counted. */
export const telemetryProcesses = pgTable('telemetry_processes', {
  id: text('id').primaryKey(),
  roles: text('roles').array().notNull(),
  startedAt: instant('started_at').notNull(),
  beatAt: instant('beat_at').notNull(),
  stoppedAt: instant('stopped_at'),
  /** Name of the key that it seals by. */
  sealKey: text('seal_key'),
})

/** A CSV of what was counted, kept as a file for a year. */
export const telemetryExports = pgTable('telemetry_exports', {
  id: text('id').primaryKey(),
  madeAt: instant('made_at').notNull(),
  madeBy: text('made_by').notNull(),
  fromAt: instant('from_at').notNull(),
  untilAt: instant('until_at').notNull(),
  rows: integer('rows').notNull(),
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
  sha256: text('sha256').notNull(),
  expiresAt: instant('expires_at').notNull(),
  deletedAt: instant('deleted_at'),
})

/** One comparison of everything here with everything at the video service. */
export const reconciliations = pgTable('reconciliations', {
  id: text('id').primaryKey(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  mode: text('mode', { enum: ['dry', 'apply'] }).notNull(),
  askedBy: text('asked_by').notNull(),
  status: text('status', { enum: ['running', 'held', 'done', 'failed', 'superseded'] })
    .notNull()
    .default('running'),
  stage: text('stage', { enum: ['uploads', 'assets', 'videos', 'repair', 'over'] })
    .notNull()
    .default('uploads'),
  place: text('place'),
  step: integer('step').notNull().default(0),
  claimedUntil: instant('claimed_until'),
  uploads: integer('uploads').notNull().default(0),
  assets: integer('assets').notNull().default(0),
  videos: integer('videos').notNull().default(0),
  strangers: integer('strangers').notNull().default(0),
  findings: jsonb('findings').$type<Partial<Record<FindingKind, [number, number]>>>().notNull().default({}),
  held: integer('held').notNull().default(0),
  error: text('error'),
  startedAt: instant('started_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
  finishedAt: instant('finished_at'),
  decidedBy: text('decided_by'),
  decidedAt: instant('decided_at'),
  decision: text('decision'),
})

export const reconciliationSeen = pgTable('reconciliation_seen', {
  reconciliationId: text('reconciliation_id').notNull(),
  objectId: text('object_id').notNull(),
})

export const reconciliationFindings = pgTable('reconciliation_findings', {
  id: text('id').primaryKey(),
  provider: text('provider', { enum: ['engine', 'mux'] }).notNull(),
  kind: text('kind').$type<FindingKind>().notNull(),
  objectType: text('object_type', { enum: ['upload', 'asset', 'track', 'playback_id'] }).notNull(),
  objectId: text('object_id').notNull(),
  uploadId: text('upload_id'),
  videoId: text('video_id'),
  shares: integer('shares').notNull().default(0),
  detail: jsonb('detail').$type<FindingDetail>().notNull().default({}),
  state: text('state', {
    enum: ['waiting', 'open', 'held', 'done', 'failed', 'cleared', 'reported'],
  }).notNull(),
  firstSeenAt: instant('first_seen_at').notNull(),
  lastSeenAt: instant('last_seen_at').notNull(),
  lastSeenIn: text('last_seen_in').notNull(),
  actedAt: instant('acted_at'),
  error: text('error'),
})

/** Small, never personal: states, types of events, the asset that a track or playback ID belongs to. */
export type FindingDetail = Record<string, string | string[]>

export const providerTracks = pgTable('provider_tracks', {
  assetId: text('asset_id').notNull(),
  trackId: text('track_id').notNull(),
  type: text('type').notNull(),
  languageCode: text('language_code'),
  firstSeenAt: instant('first_seen_at').notNull(),
})

export type ReconciliationRow = typeof reconciliations.$inferSelect
export type FindingRow = typeof reconciliationFindings.$inferSelect

export const flagRuns = pgTable(
  'flag_runs',
  { flag: text('flag').notNull(), value: text('value').notNull(), since: instant('since').notNull() },
  (table) => [primaryKey({ columns: [table.flag, table.value] })],
)

export const settingsSeen = pgTable('settings_seen', {
  name: text('name').primaryKey(),
  mark: text('mark').notNull(),
  value: text('value'),
  seenAt: instant('seen_at').notNull(),
})
