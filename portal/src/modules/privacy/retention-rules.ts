import { abuseRetention } from '#portal/modules/abuse/retention-rules.ts'
import { limitRetention } from '#portal/modules/limits/retention-rules.ts'
import { playbackRetention } from '#portal/modules/playback/retention-rules.ts'
import { reconciliationRetention } from '#portal/modules/reliability/retention-rules.ts'
import { webhookRetention } from '#portal/modules/webhooks/retention-rules.ts'
import type { RetentionRule } from '#portal/platform/retention.ts'

/** Every rule that the one run carries out, in this order. */
export const retentionRules: readonly RetentionRule[] = [
  ...webhookRetention,
  ...reconciliationRetention,
  ...limitRetention,
  ...abuseRetention,
  ...playbackRetention,
  { table: 'retention_removals', rule: 'reports of retention', keptDays: 400, column: 'ran_at' },
]
