import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const uploadsData: readonly TableData[] = [
  {
    table: 'uploads',
    label: 'sensitive',
    of: 'account',
    holds: 'upload jobs',
    replaced: {
      owner_id: 'the colleague who gets the video',
      filename: '“erased” and its ending',
      writer: 'nothing',
    },
    pseudonyms: 'moved_by_id',
    kept: {
      head_sha256: 'of the video’s bytes, which the organisation keeps or the service deletes',
      sent_sha256: 'the same',
      received_sha256: 'the same',
    },
    other:
      'id video_id organisation_id project_id intended_access content_type size_bytes provider_upload_id upload_url status error created_at updated_at completed_at checked_at failure_reason received_bytes heard_at checksum moved_by',
  },
  {
    table: 'upload_transitions',
    label: 'sensitive',
    of: 'account',
    holds: 'what upload jobs went through',
    pseudonyms: 'moved_by_id',
    other: 'upload_id from_status to_status at moved_by reason',
  },
]
