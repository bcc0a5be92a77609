import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const privacyData: readonly TableData[] = [
  {
    table: 'retention_removals',
    label: 'sensitive',
    of: 'nobody',
    holds: 'what retention removed',
    other: 'id run_id ran_at dry table_name rule kept_days removed oldest_left',
  },
  {
    table: 'erasures',
    label: 'sensitive',
    of: 'both',
    holds: 'erasures',
    replaced: { person_sealed: 'nothing, at the end', person_hash: 'nothing, at the end' },
    pseudonyms: 'user_id successor_id asked_by decided_by',
    other: 'id kind reason reference videos asked_at status decided_at round failure finished_at',
  },
  {
    table: 'erasure_steps',
    label: 'sensitive',
    of: 'nobody',
    holds: 'what an erasure removed: places and counts',
    other: 'erasure_id round place step removed done_at',
  },
]
