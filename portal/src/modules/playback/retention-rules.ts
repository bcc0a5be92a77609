import type { RetentionRule } from '#portal/platform/retention.ts'

export const playbackRetention: readonly RetentionRule[] = [
  { table: 'owner_playbacks', rule: 'members’ own playbacks', keptDays: 1, column: 'token_expires_at' },
]
