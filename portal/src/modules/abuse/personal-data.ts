import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const abuseData: readonly TableData[] = [
  {
    table: 'abuse_policies',
    label: 'restricted',
    of: 'nobody',
    holds: 'rules of abuse that staff set',
    words: 'reason',
    pseudonyms: 'set_by',
    other: 'version rules set_at',
  },
  {
    table: 'abuse_signals',
    label: 'sensitive',
    of: 'both',
    holds: 'signs of abuse, by keyed hash',
    deleted: 'subject object about',
    kept: {
      source: 'a keyed hash of a network address, which nobody can tie to a person; gone within a day',
    },
    other: 'rule at',
  },
  {
    table: 'abuse_detections',
    label: 'restricted',
    of: 'both',
    holds: 'abuse that was detected, by keyed hash',
    replaced: { subject: 'a random value, where it was the person’s' },
    words: 'let_go_reason',
    pseudonyms: 'let_go_by',
    other:
      'id rule policy_version threshold enforced action detected_at until refused last_refused_at closed_at spared_until',
  },
]
