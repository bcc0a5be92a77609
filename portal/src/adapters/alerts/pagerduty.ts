import { AppError } from '#portal/platform/errors.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { createOutsideFetch } from '#portal/platform/outside-fetch.ts'
import type { AlertChannel, AlertNotice } from './port.ts'

export type PagerDutyOptions = {
  routingKey: string
  baseUrl?: string | undefined
  /** What the alerts come from: the portal's host. */
  source: string
  deadlineMs?: number
  privateHosts?: readonly string[] | undefined
}

const ACTIONS = { raised: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const
const LONGEST_SUMMARY = 1024

/** PagerDuty by its Events API v2. The cause is the dedup_key: told again, an incident stays one. */
export function createPagerDuty(options: PagerDutyOptions): AlertChannel {
  const { baseUrl = 'https://events.pagerduty.com', deadlineMs = 10_000 } = options
  const outbound = createOutbound({ name: 'PagerDuty', deadlineMs })
  const ask = createOutsideFetch({ named: [baseUrl], privateHosts: options.privateHosts })
  return {
    name: 'pagerduty',
    async tell(notice) {
      await outbound(async (signal) => {
        const answer = await ask(`${baseUrl}/v2/enqueue`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(pagerDutyEvent(notice, options)),
          signal,
        })
        await answer.body?.cancel()
        if (answer.status !== 202)
          throw new AppError('unavailable', `PagerDuty answered ${answer.status} and did not take the alert.`)
      })
    },
  }
}

/** The body of POST /v2/enqueue. */
export function pagerDutyEvent(
  notice: AlertNotice,
  { routingKey, source }: Pick<PagerDutyOptions, 'routingKey' | 'source'>,
): object {
  const { key, severity, summary, details = {}, raisedAt, url, event } = notice
  return {
    routing_key: routingKey,
    event_action: ACTIONS[event],
    dedup_key: `${source}:${key}`.slice(0, 255),
    payload: {
      summary: summary.slice(0, LONGEST_SUMMARY),
      source,
      severity,
      timestamp: raisedAt.toISOString(),
      component: key.split(/[.:]/, 1)[0],
      class: key,
      custom_details: details,
    },
    client: 'Motion Mavericks Portal',
    client_url: url,
    links: [{ href: url, text: 'Alerts of the portal' }],
  }
}
