import { z } from 'zod'
import { origin, wholeNumber } from './fields.ts'

/** What leaves the portal: mails, alerts, errors, measurements. */
export const messageSettings = {
  PRIVATE_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((host) => host.trim() || []))
    .describe(
      'Hosts in your own network, `name` or `name:port` separated by commas, that OIDC_ISSUER and the alert settings may lead to; all else must be on the public internet',
    ),
  PRIVACY_CONTACT: z
    .string()
    .regex(/^(https:\/\/|mailto:)\S+$/, 'must begin with https:// or mailto:')
    .optional()
    .describe(
      'Whom people ask for a copy of what is kept about them, or to be erased: named on the page /privacy',
    ),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional()
    .describe('Mail by SMTP'),
  RESEND_API_KEY: z.string().min(1).optional().describe('Mail by Resend'),
  RESEND_BASE_URL: origin.optional().describe("Another origin that speaks Resend's API"),
  MAIL_FROM: z
    .string()
    .min(3)
    .default('Motion Mavericks <no-reply@portal.localhost>')
    .describe('Sender of mails'),
  ALERT_EMAIL: z
    .email('must be an e-mail address')
    .optional()
    .describe('Who is mailed alerts; the staff group operations if unset'),
  PAGERDUTY_ROUTING_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('Integration key of a PagerDuty service (Events API v2); with it, alerts page somebody'),
  PAGERDUTY_BASE_URL: origin
    .optional()
    .describe("Another origin that speaks PagerDuty's Events API, such as the EU's"),
  SLACK_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: 'must be the URL of an incoming webhook' })
    .optional()
    .describe('Incoming webhook of a Slack channel, where alerts are told; a secret'),
  SENTRY_DSN: z.url('must be a URL').optional().describe('Where errors are reported'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe('Collector that metrics are sent to as well, by OTLP over HTTP (/v1/metrics below it)'),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .min(1)
    .optional()
    .describe('Headers for the collector, name=value,…; a secret'),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber(1000, 3_600_000, 60_000).describe(
    'Milliseconds between two messages to the collector',
  ),
  OTEL_SERVICE_NAME: z
    .string()
    .min(1)
    .max(100)
    .default('motion-mavericks-portal')
    .describe('What the collector calls this installation'),
  METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Bearer secret of /metrics; made if unset, and printed by `portal telemetry token`'),
}
