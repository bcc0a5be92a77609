import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const accessData: readonly TableData[] = [
  {
    table: 'api_keys',
    label: 'sensitive',
    of: 'account',
    holds: 'keys for programs',
    deleted: 'id owner_id name key_hash last_four scopes created_at expires_at last_used_on revoked_at',
    pseudonyms: 'created_by revoked_by',
  },
  {
    table: 'staff_reviews',
    label: 'sensitive',
    of: 'nobody',
    holds: 'quarterly reviews of staff groups',
    other: 'id quarter opened_at due_at closed_at',
  },
  {
    table: 'staff_review_items',
    label: 'sensitive',
    of: 'account',
    holds: 'decisions on membership of staff groups',
    words: 'evidence',
    pseudonyms: 'user_id decided_by',
    other: 'review_id staff_group decision decided_at',
  },
  {
    table: 'emergency_grants',
    label: 'sensitive',
    of: 'account',
    holds: 'emergency access, asked for, given, reviewed',
    words: 'reason review_note',
    pseudonyms: 'user_id decided_by ended_by reviewed_by',
    other:
      'id staff_group organisation_id minutes requested_at decision decided_at ends_at reviewed_at review_verdict',
  },
]
