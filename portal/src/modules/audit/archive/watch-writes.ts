import type { AlertsPort } from '#portal/adapters/alerts/port.ts'
import type { AuditSink } from '#portal/platform/audit-sink.ts'

/**
 * The log's sink, telling security where an event could not be written: its change is rolled back with it, and nobody
 * else would see that the log was at fault. `alerts` is asked when needed.
 */
export function watchWrites(sink: AuditSink, alerts: () => AlertsPort): AuditSink {
  async function watched<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      if (isOwnFault(error)) await tell(alerts(), error as Error)
      throw error
    }
  }
  return {
    record: (tx, event) => watched(() => sink.record(tx, event)),
    recordWith: (pool, event, change) => watched(() => sink.recordWith(pool, event, change)),
  }
}

/** Not what a race between two changes does: PostgreSQL's class 40, and a lock that was not to be had. */
function isOwnFault(error: unknown): boolean {
  const { code } = error as { code?: unknown; cause?: { code?: unknown } }
  const found = code ?? (error as { cause?: { code?: unknown } }).cause?.code
  return !(typeof found === 'string' && (found.startsWith('40') || found === '55P03'))
}

async function tell(alerts: AlertsPort, error: Error): Promise<void> {
  await alerts.raise({
    key: 'audit.write',
    severity: 'critical',
    summary: 'An event could not be written to the audit log; the change that it belongs to was not made.',
    details: { error: error.name },
    audience: ['security', 'operations'],
  })
}
