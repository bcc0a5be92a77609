import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const videosData: readonly TableData[] = [
  {
    table: 'videos',
    label: 'confidential',
    of: 'account',
    holds: 'videos',
    replaced: {
      owner_id: 'the colleague who gets them, where they are not deleted',
      title: '“Erased video” where it is deleted, else without name and address',
      chapters: 'the same',
    },
    other:
      'id organisation_id status provider asset_id playback_id duration_seconds aspect_ratio resolution_tier complete progress_percent error created_at ready_at deleted_at asset_deleted_at last_provider_event_at checked_at',
  },
  {
    table: 'retired_playback_ids',
    label: 'internal',
    of: 'nobody',
    holds: 'playback IDs that an emergency took away',
    other: 'playback_id asset_id video_id retired_at deleted_at',
  },
]
