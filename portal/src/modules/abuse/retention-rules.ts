import type { RetentionRule } from '#portal/platform/retention.ts'

export const abuseRetention: readonly RetentionRule[] = [
  { table: 'abuse_signals', rule: 'signs of abuse, by keyed hash', keptDays: 1, column: 'at' },
  { table: 'abuse_detections', rule: 'abuse detected, by keyed hash', keptDays: 180, column: 'until' },
]
