import type { RetentionRule } from '#portal/platform/retention.ts'

export const limitRetention: readonly RetentionRule[] = [
  { table: 'limit_throttlings', rule: 'throttlings, by keyed hash', keptDays: 180, column: 'last_at' },
  { table: 'limit_counts', rule: 'what each limit judged', keptDays: 180, column: 'minute' },
  { table: 'limit_overrides', rule: 'limits lifted for a while', keptDays: 365, column: 'expires_at' },
  { table: 'budget_levels', rule: 'levels of the budget', keptDays: 365, column: 'until' },
]
