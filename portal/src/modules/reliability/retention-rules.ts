import type { RetentionRule } from '#portal/platform/retention.ts'

/** A year, as evidence of what was deleted and why. */
export const reconciliationRetention: readonly RetentionRule[] = [
  {
    table: 'reconciliation_findings',
    rule: 'differences to the video service that were not seen again',
    keptDays: 365,
    column: 'last_seen_at',
  },
  {
    table: 'reconciliations',
    rule: 'comparisons with the video service',
    keptDays: 365,
    column: 'updated_at',
    only: "status <> 'running'",
  },
]
