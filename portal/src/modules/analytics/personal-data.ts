import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const analyticsData: readonly TableData[] = [
  {
    table: 'analytics_settings',
    label: 'internal',
    of: 'nobody',
    holds: 'whether watching is kept',
    pseudonyms: 'set_by',
    other: 'organisation_id recording set_at',
  },
  {
    table: 'viewer_progress',
    label: 'internal',
    of: 'both',
    holds: 'how viewers watched',
    deleted:
      'viewer_session_id share_id duration_ms parts seen_ms furthest_ms first_at last_at credit_ms runs',
  },
]
