import type { ErrorEvent, Scope } from '@sentry/node'
import { type Log, redactUrls, withoutValues } from '#portal/platform/log.ts'
import type { ErrorsPort } from './port.ts'

export type SentryOptions = { dsn: string; log: Log }

const FLUSH_MS = 2000
const ADDRESS = /[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[a-z]{2,}/gi

/**
 * Errors to Sentry, or to anything that speaks its envelope protocol. The client stands alone: no global handlers,
 * no tracing, no breadcrumbs, no requests, no machine name; what is sent is built from a short list of fields, with
 * secrets in URLs and mail addresses taken out. Errors are in the log as well. The SDK takes most of a second to load,
 * so only those who use it wait for it.
 */
export async function createSentryErrors({ dsn, log }: SentryOptions): Promise<ErrorsPort> {
  const {
    defaultStackParser,
    makeNodeTransport,
    NodeClient,
    Scope: SentryScope,
  } = await import('@sentry/node')
  const client = new NodeClient({
    dsn,
    integrations: [],
    stackParser: defaultStackParser,
    transport: makeNodeTransport,
    sendDefaultPii: false,
    sendClientReports: false,
    includeServerName: false,
    enableLogs: false,
    beforeSend: redactEvent,
  })
  client.init()

  return {
    async report(error, context = {}) {
      const cause = withoutValues(error instanceof Error ? error : new Error(String(error)))
      log.error({ err: cause, ...context }, 'error')
      try {
        const scope = new SentryScope()
        scope.setClient(client)
        scope.setTags(context)
        if (context.security !== undefined) markSecurity(scope, context)
        scope.captureException(cause)
      } catch (failure) {
        log.warn({ err: failure }, 'the error could not be reported')
      }
    },
    async flush() {
      log.flush()
      await client.flush(FLUSH_MS)
    },
  }
}

/** One issue a kind of event, whatever was thrown where; it is a warning: the portal did what it should. */
function markSecurity(scope: Scope, { security, reason }: Record<string, string | number>): void {
  scope.setLevel('warning')
  scope.setFingerprint(['security', String(security), String(reason ?? '')])
}

/** What of an event may leave the house. */
export function redactEvent(event: ErrorEvent): ErrorEvent {
  const { event_id, timestamp, platform, level, release, tags, fingerprint, exception, sdk } = event
  const allowed = {
    type: event.type,
    event_id,
    timestamp,
    platform,
    level,
    release,
    tags,
    fingerprint,
    exception,
    sdk,
  }
  return JSON.parse(JSON.stringify(allowed), (_, value) =>
    typeof value === 'string' ? redactUrls(value).replace(ADDRESS, '[address]') : value,
  ) as ErrorEvent
}
