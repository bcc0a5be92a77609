import type { RetentionRule } from '#portal/platform/retention.ts'

/** Payloads, redacted as they are, for 90 days; each try that failed for 30. */
export const webhookRetention: readonly RetentionRule[] = [
  { table: 'webhook_attempts', rule: 'tries to apply a webhook', keptDays: 30, column: 'at' },
  { table: 'webhook_events', rule: 'webhooks with their payload', keptDays: 90, column: 'received_at' },
  { table: 'webhook_rejections', rule: 'what did not verify', keptDays: 90, column: 'received_at' },
  {
    table: 'webhook_replays',
    rule: 'replays of dead letters',
    keptDays: 90,
    column: 'asked_at',
    only: 'finished_at is not null',
  },
  { table: 'webhook_rejection_counts', rule: 'counts of rejections', keptDays: 400, column: 'hour' },
]
