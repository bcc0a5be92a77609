import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const reliabilityData: readonly TableData[] = [
  {
    table: 'metric_totals',
    label: 'internal',
    of: 'nobody',
    holds: 'metrics',
    other: 'metric series labels count sum buckets updated_at',
    unread: 'series of the declared metrics, which have no personal label',
  },
  {
    table: 'metric_points',
    label: 'internal',
    of: 'nobody',
    holds: 'metrics by minute and hour',
    other: 'step metric at series count sum buckets',
    unread: 'series of the declared metrics, which have no personal label',
  },
  {
    table: 'telemetry_processes',
    label: 'internal',
    of: 'nobody',
    holds: 'processes',
    other: 'id roles started_at beat_at stopped_at seal_key',
  },
  {
    table: 'telemetry_exports',
    label: 'internal',
    of: 'nobody',
    holds: 'exports of metrics',
    pseudonyms: 'made_by',
    other: 'id made_at from_at until_at rows bytes sha256 expires_at deleted_at',
  },
  {
    table: 'revoke_probes',
    label: 'internal',
    of: 'nobody',
    holds: 'measured revokes',
    other: 'id ran_at provider stop_ms media_ms stop_bound_ms media_bound_ms error',
  },
  {
    table: 'reconciliations',
    label: 'internal',
    of: 'nobody',
    holds: 'comparisons with the video service',
    words: 'error',
    pseudonyms: 'asked_by decided_by',
    other:
      'id provider mode status stage place step claimed_until uploads assets videos strangers findings held started_at updated_at finished_at decided_at decision',
  },
  {
    table: 'reconciliation_seen',
    label: 'internal',
    of: 'nobody',
    holds: 'names that a comparison has met',
    other: 'reconciliation_id object_id',
  },
  {
    table: 'reconciliation_findings',
    label: 'internal',
    of: 'nobody',
    holds: 'what a comparison found',
    words: 'detail error',
    other:
      'id provider kind object_type object_id upload_id video_id shares state first_seen_at last_seen_at last_seen_in acted_at',
  },
  {
    table: 'provider_tracks',
    label: 'internal',
    of: 'nobody',
    holds: 'tracks at the video service',
    other: 'asset_id track_id type language_code first_seen_at',
  },
  {
    table: 'settings_seen',
    label: 'restricted',
    of: 'nobody',
    holds: 'settings of the last start, by keyed hash',
    other: 'name mark value seen_at',
  },
  {
    table: 'flag_runs',
    label: 'internal',
    of: 'nobody',
    holds: 'values that each flag has run with here',
    other: 'flag value since',
  },
]
