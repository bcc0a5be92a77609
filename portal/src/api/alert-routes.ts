import { z } from '@hono/zod-openapi'
import { listAlertsInput, settleAlertInput } from '#portal/modules/notifications/inputs.ts'
import { listAlertChannels, listAlerts } from '#portal/modules/notifications/list-alerts.ts'
import { acknowledgeAlert, resolveAlert } from '#portal/modules/notifications/settle-alert.ts'
import { testChannels } from '#portal/modules/notifications/test-channels.ts'
import type { OperationRoute } from './operation-route.ts'
import { pageOf } from './schemas.ts'

const channelSchema = z.enum(['pagerduty', 'slack', 'email'])
const eventSchema = z.enum(['raised', 'acknowledged', 'resolved'])

const alertSchema = z
  .object({
    id: z.string(),
    key: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    summary: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.number()])),
    runbook: z.object({ name: z.string(), path: z.string() }).nullable(),
    raisedAt: z.iso.datetime(),
    lastRaisedAt: z.iso.datetime(),
    count: z.int(),
    acknowledgedAt: z.iso.datetime().nullable(),
    acknowledgedByName: z.string().nullable(),
    acknowledgeReason: z.string().nullable(),
    resolvedAt: z.iso.datetime().nullable(),
    resolvedByName: z.string().nullable(),
    resolveReason: z.string().nullable(),
    told: z.array(
      z.object({
        channel: channelSchema,
        event: eventSchema,
        status: z.enum(['waiting', 'delivered', 'given_up', 'skipped']),
        attempts: z.int(),
        error: z.string().nullable(),
        at: z.iso.datetime().nullable(),
      }),
    ),
  })
  .openapi('Alert')

const settledSchema = z.object({ id: z.string(), status: z.enum(['acknowledged', 'resolved']) })
const settling = {
  params: settleAlertInput.pick({ id: true }),
  body: settleAlertInput.omit({ id: true }),
  answer: settledSchema,
}

/** Alerts, and how the channels fare that tell of them. */
export const alertRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/alerts',
    summary: 'Open or past alerts, newest first',
    operation: listAlerts,
    query: listAlertsInput,
    answer: pageOf(alertSchema),
  },
  {
    method: 'get',
    path: '/api/admin/alerts/channels',
    summary: 'Channels that alerts are told by, with their last delivery',
    operation: listAlertChannels,
    answer: z.array(
      z.object({
        channel: channelSchema,
        configured: z.boolean(),
        last: z
          .object({
            status: z.enum(['waiting', 'delivered', 'given_up']),
            at: z.iso.datetime(),
            error: z.string().nullable(),
          })
          .nullable(),
      }),
    ),
  },
  {
    method: 'post',
    path: '/api/admin/alerts/test',
    summary: 'Tell every channel of an alert that is none',
    operation: testChannels,
    answer: z.array(
      z.object({ channel: channelSchema, ok: z.boolean().nullable(), error: z.string().nullable() }),
    ),
  },
  {
    method: 'post',
    path: '/api/admin/alerts/{id}/acknowledge',
    summary: 'Say that somebody looks after an alert',
    operation: acknowledgeAlert,
    ...settling,
  },
  {
    method: 'post',
    path: '/api/admin/alerts/{id}/resolve',
    summary: 'End an alert that nothing clears by itself',
    operation: resolveAlert,
    ...settling,
  },
]
