export type Alert = {
  /** Same cause, same key: raised once until resolved. */
  key: string
  severity: 'info' | 'warning' | 'critical'
  summary: string
  /** Never personal, never secret. */
  details?: Record<string, string | number>
}

export type AlertsPort = { raise(alert: Alert): Promise<void>; resolve(key: string): Promise<void> }
