import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const limitsData: readonly TableData[] = [
  {
    table: 'limit_arrivals',
    label: 'sensitive',
    of: 'both',
    holds: 'counts of limits, by keyed hash',
    kept: { key: 'a keyed hash that runs out within a day; the same in Redis and in memory' },
    other: 'arrival_us',
  },
  {
    table: 'limit_policies',
    label: 'restricted',
    of: 'nobody',
    holds: 'limits that administrators set',
    words: 'reason',
    pseudonyms: 'set_by',
    other: 'version rules set_at',
  },
  {
    table: 'limit_counts',
    label: 'internal',
    of: 'nobody',
    holds: 'what each limit judged',
    other: 'minute rule admitted refused would_refuse',
  },
  {
    table: 'limit_throttlings',
    label: 'sensitive',
    of: 'both',
    holds: 'throttlings, by keyed hash',
    deleted: 'minute rule identity enforced reason policy_version count first_at last_at',
  },
  {
    table: 'limit_overrides',
    label: 'restricted',
    of: 'account',
    holds: 'limits lifted for a while',
    words: 'reason',
    pseudonyms: 'subject_id asked_by decided_by ended_by',
    other: 'id limit_class subject_kind quota asked_at expires_at decision decided_at ended_at',
  },
  {
    table: 'budget_levels',
    label: 'protected',
    of: 'nobody',
    holds: 'levels of the budget',
    words: 'reason',
    pseudonyms: 'set_by',
    other: 'id level set_at until place',
  },
  {
    table: 'limit_epoch',
    label: 'internal',
    of: 'nobody',
    holds: 'when the counts of limits began',
    other: 'only_one born_us',
  },
]
