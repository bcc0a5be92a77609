import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, ne } from 'drizzle-orm'
import { z } from 'zod'
import { ALERT_CHANNELS } from '#portal/adapters/alerts/port.ts'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { type RunbookVersion, runbookPathOf, serviceOfAlert } from '#portal/modules/vendors/rules.ts'
import { decodeCursor, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import type { AlertChannelView, AlertView } from './answers.ts'
import { listAlertsInput } from './inputs.ts'
import { type AlertDeliveryRow, type AlertRow, alertDeliveries, alerts } from './tables.ts'

/** Alerts, newest first: what is open, or what is over; with whom they were told to. */
export const listAlerts = read({
  action: 'alert.list',
  input: listAlertsInput,
  allow: { role: 'admin' },
  async run({ db, input, settings }): Promise<Page<AlertView>> {
    const from = input.cursor ? Number(decodeCursor(input.cursor).id) : Number.MAX_SAFE_INTEGER
    if (!Number.isSafeInteger(from)) throw new AppError('invalid', 'The cursor is not one of ours.')
    const isOver = input.state === 'past' ? isNotNull : isNull
    const rows = await db
      .select()
      .from(alerts)
      .where(and(isOver(alerts.resolvedAt), lt(alerts.id, from)))
      .orderBy(desc(alerts.id))
      .limit(input.limit + 1)
    const page = toPage(rows, input.limit, (row) => encodeCursor(null, String(row.id)))
    return { ...page, items: await viewsOf(db, page.items, settings.VENDOR_RUNBOOK_VERSION) }
  },
})

async function viewsOf(db: Tx, rows: AlertRow[], version: RunbookVersion): Promise<AlertView[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const told = await db
    .select()
    .from(alertDeliveries)
    .where(inArray(alertDeliveries.alertId, ids))
    .orderBy(asc(alertDeliveries.id))
  const people = rows.flatMap(({ acknowledgedBy, resolvedBy }) => [acknowledgedBy, resolvedBy])
  const named = people.filter((id): id is string => id !== null)
  const names = new Map(
    named.length === 0
      ? []
      : (await db.select().from(personFacts).where(inArray(personFacts.id, named))).map(
          ({ id, name }) => [id, name] as const,
        ),
  )
  const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? 'Somebody'))
  return rows.map((row) => ({
    id: String(row.id),
    key: row.key,
    severity: row.severity,
    summary: row.summary,
    details: row.details,
    runbook: runbookOf(version, row.key),
    raisedAt: row.raisedAt.toISOString(),
    lastRaisedAt: row.lastRaisedAt.toISOString(),
    count: row.count,
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    acknowledgedByName: nameOf(row.acknowledgedBy),
    acknowledgeReason: row.acknowledgeReason,
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
    resolvedByName: nameOf(row.resolvedBy),
    resolveReason: row.resolveReason,
    told: told.filter(({ alertId }) => alertId === row.id).map(toldView),
  }))
}

function runbookOf(version: RunbookVersion, key: string): AlertView['runbook'] {
  const service = serviceOfAlert(version, key)
  const path = runbookPathOf(version, key)
  return service && path ? { name: service.name, path } : null
}

function toldView(row: AlertDeliveryRow): AlertView['told'][number] {
  const { channel, event, status, attempts, lastError } = row
  const at = row.settledAt ?? row.lastTriedAt
  return { channel, event, status, attempts, error: lastError, at: at?.toISOString() ?? null }
}

/** Every channel, whether it is set up, and what came of its last delivery. */
export const listAlertChannels = read({
  action: 'alert.channels',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db, settings }): Promise<AlertChannelView[]> {
    const configured = configuredChannels(settings)
    const views: AlertChannelView[] = []
    for (const channel of ALERT_CHANNELS) {
      const last = await lastDelivery(db, channel)
      views.push({ channel, configured: configured[channel], last })
    }
    return views
  },
})

async function lastDelivery(db: Tx, channel: AlertChannelView['channel']): Promise<AlertChannelView['last']> {
  const { status, lastTriedAt } = alertDeliveries
  const [row] = await db
    .select()
    .from(alertDeliveries)
    .where(and(eq(alertDeliveries.channel, channel), ne(status, 'skipped'), isNotNull(lastTriedAt)))
    .orderBy(desc(lastTriedAt), desc(alertDeliveries.id))
    .limit(1)
  if (!row?.lastTriedAt || row.status === 'skipped') return null
  return { status: row.status, at: row.lastTriedAt.toISOString(), error: row.lastError }
}

/** Mail always goes somewhere: to ALERT_EMAIL, else to the staff group operations. */
function configuredChannels(settings: Settings) {
  return {
    pagerduty: settings.PAGERDUTY_ROUTING_KEY !== undefined,
    slack: settings.SLACK_WEBHOOK_URL !== undefined,
    email: true,
  }
}
