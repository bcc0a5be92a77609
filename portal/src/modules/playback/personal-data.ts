import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const playbackData: readonly TableData[] = [
  {
    table: 'owner_playbacks',
    label: 'sensitive',
    of: 'account',
    holds: 'an owner’s own playback',
    deleted: 'user_id video_id session_id playback_claim token_expires_at',
  },
  {
    table: 'signing_keys',
    label: 'restricted',
    of: 'nobody',
    holds: 'keys that sign playback',
    pseudonyms: 'retired_by reviewed_by',
    other:
      'id provider private_key_sealed created_at retired_at deleted_at retire_reason delete_after reviewed_at',
  },
]
