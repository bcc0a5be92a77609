import type { StaffGroup } from '#portal/platform/context.ts'

export const ALERT_CHANNELS = ['pagerduty', 'slack', 'email'] as const
export type AlertChannelName = (typeof ALERT_CHANNELS)[number]

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export type Alert = {
  /** Same cause, same key: raised once until resolved. */
  key: string
  severity: Severity
  summary: string
  /** Never personal, never secret. */
  details?: Record<string, string | number>
  /** The channel that this alert is about: it is not asked to tell of its own failure. */
  not?: AlertChannelName
  /** Staff groups that get its mail; operations where nothing is said. */
  audience?: readonly StaffGroup[]
}

export type AlertsPort = { raise(alert: Alert): Promise<void>; resolve(key: string): Promise<void> }

/** What a channel tells: an alert and what became of it. */
export type AlertNotice = Omit<Alert, 'not'> & {
  event: 'raised' | 'acknowledged' | 'resolved'
  raisedAt: Date
  /** Where staff see it. */
  url: string
  /** Same notice, same key: told again after a failure, it must not tell twice. */
  idempotencyKey: string
}

/** @throws AppError unavailable where nobody took the notice; its message holds no secret. Ends within its deadline. */
export type AlertChannel = { readonly name: AlertChannelName; tell(notice: AlertNotice): Promise<void> }

/** Least severity that a channel is told of: nobody is woken by an information. */
export const TOLD_FROM: { [C in AlertChannelName]: Severity } = {
  pagerduty: 'warning',
  slack: 'info',
  email: 'warning',
}
