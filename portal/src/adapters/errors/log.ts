import type { Log } from '#portal/platform/log.ts'
import type { ErrorsPort } from './port.ts'

/** Errors in the log alone, for an installation that reports to nobody. */
export function createLogErrors({ log }: { log: Log }): ErrorsPort {
  return {
    async report(error, context = {}) {
      log.error({ err: error instanceof Error ? error : new Error(String(error)), ...context }, 'error')
    },
    async flush() {
      log.flush()
    },
  }
}
