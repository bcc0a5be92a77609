export type AlertChannelId = 'pagerduty' | 'slack' | 'email'

export type AlertView = {
  id: string
  /** The cause. */
  key: string
  severity: 'info' | 'warning' | 'critical'
  summary: string
  details: Record<string, string | number>
  /** The part of the vendor runbook about it; null where it is about no outside service. */
  runbook: { name: string; path: string } | null
  raisedAt: string
  lastRaisedAt: string
  /** How often it was raised while it was open. */
  count: number
  acknowledgedAt: string | null
  acknowledgedByName: string | null
  acknowledgeReason: string | null
  resolvedAt: string | null
  /** Null where it cleared by itself. */
  resolvedByName: string | null
  resolveReason: string | null
  told: {
    channel: AlertChannelId
    event: 'raised' | 'acknowledged' | 'resolved'
    status: 'waiting' | 'delivered' | 'given_up' | 'skipped'
    attempts: number
    error: string | null
    at: string | null
  }[]
}

/** How a channel fares: its last delivery that came to an end or is being tried again. */
export type AlertChannelView = {
  channel: AlertChannelId
  configured: boolean
  last: {
    status: 'waiting' | 'delivered' | 'given_up'
    at: string
    error: string | null
  } | null
}
