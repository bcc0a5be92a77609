import type { App } from '#portal/platform/app.ts'
import type { LimitClass } from './rules.ts'

const KEY = 'limits.store-failed'
/** However many requests fail, one line and one word to the alerts in this time. */
const TOLD_MS = 10_000

/** Tells operations that nothing can be counted, and that it can again. */
export function watchStore({
  ports,
  log,
  settings,
  clock,
}: Pick<App, 'ports' | 'log' | 'settings' | 'clock'>) {
  let failing = 0
  let toldAt = Number.NEGATIVE_INFINITY
  let telling: Promise<void> = Promise.resolve()

  /** One after the other: what ends an alert must not overtake what raises it. The database may be what is away. */
  function tell(work: () => Promise<void>): void {
    telling = telling
      .then(work)
      .catch((error: unknown) => log.warn({ err: error }, 'nobody could be told of the limit store'))
  }

  return {
    failed(name: LimitClass, error: unknown): void {
      failing += 1
      const now = clock().getTime()
      if (Math.abs(now - toldAt) < TOLD_MS) return
      toldAt = now
      log.error({ err: error, class: name, requests: failing }, 'limit store failed')
      tell(() =>
        ports.alerts.raise({
          key: KEY,
          severity: 'critical',
          summary:
            'Requests can’t be counted: what costs or guards credentials answers 503 until the limit store is back.',
          details: { store: settings.REDIS_URL ? 'Redis' : 'database', class: name },
          audience: ['operations', 'security'],
        }),
      )
    },
    answered(): void {
      if (failing === 0) return
      log.info({ requests: failing }, 'the limit store counts again')
      failing = 0
      toldAt = Number.NEGATIVE_INFINITY
      tell(() => ports.alerts.resolve(KEY))
    },
  }
}
