import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const downloadsData: readonly TableData[] = [
  {
    table: 'downloads',
    label: 'sensitive',
    of: 'both',
    holds: 'copies for viewers',
    deleted: 'ticket_hash ticket_expires_at object_key',
    kept: { viewer_session_id: 'the viewer’s pseudonym' },
    other:
      'id share_id rendition watermark status progress file_name bytes taken created_at expires_at removed_at',
  },
]
