import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const webhooksData: readonly TableData[] = [
  {
    table: 'webhook_events',
    label: 'confidential',
    of: 'nobody',
    holds: 'events of the video service, redacted as they come',
    words: 'last_error discard_reason',
    pseudonyms: 'discarded_by',
    other:
      'id provider type object_type object_id body occurred_at received_at received_count applied_at outcome attempts last_tried_at state next_try_at claimed_until claims cause died_at replay_id discarded_at synthetic signatures subject',
  },
  {
    table: 'webhook_attempts',
    label: 'confidential',
    of: 'nobody',
    holds: 'tries to apply them',
    words: 'error',
    other: 'id event_id number origin replay_id at outcome cause next_step',
  },
  {
    table: 'webhook_rejections',
    label: 'confidential',
    of: 'nobody',
    holds: 'what did not verify',
    other: 'id reason body_bytes request_id received_at',
  },
  {
    table: 'webhook_replays',
    label: 'confidential',
    of: 'nobody',
    holds: 'replays of dead letters',
    words: 'selection',
    pseudonyms: 'asked_by',
    other: 'id origin asked_at found applied failed progress_at finished_at',
  },
  {
    table: 'webhook_rejection_counts',
    label: 'confidential',
    of: 'nobody',
    holds: 'counts of what did not verify',
    other: 'hour reason count last_at told',
  },
  {
    table: 'webhook_kinds',
    label: 'confidential',
    of: 'nobody',
    holds: 'kinds of events that are not known',
    other: 'kind first_seen_at event_id',
  },
]
