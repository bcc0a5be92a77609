import type { TableData } from '#portal/platform/table-data.ts'

/** What this module’s tables hold of people, and what an erasure does with it. */
export const notificationsData: readonly TableData[] = [
  {
    table: 'mail_outbox',
    label: 'sensitive',
    of: 'both',
    holds: 'mails of an installation without a mail service',
    deleted: 'id key sealed created_at',
  },
  {
    table: 'notification_preferences',
    label: 'sensitive',
    of: 'account',
    holds: 'how somebody wants to hear of what',
    deleted: 'user_id kind delivery',
  },
  {
    table: 'owner_news',
    label: 'sensitive',
    of: 'account',
    holds: 'news for owners of links',
    deleted: 'id user_id kind share_id amount happened_at mailed_at',
  },
  {
    table: 'refusals_read',
    label: 'internal',
    of: 'nobody',
    holds: 'how far the log has been read for news',
    other: 'one leaf_index',
  },
  {
    table: 'alerts',
    label: 'restricted',
    of: 'nobody',
    holds: 'alerts',
    words: 'summary details acknowledge_reason resolve_reason',
    pseudonyms: 'acknowledged_by resolved_by',
    other: 'id key severity raised_at last_raised_at resolved_at count acknowledged_at audience',
  },
  {
    table: 'alert_deliveries',
    label: 'restricted',
    of: 'nobody',
    holds: 'whom alerts were told to',
    words: 'last_error',
    other: 'id alert_id channel event status attempts created_at last_tried_at settled_at',
  },
]
