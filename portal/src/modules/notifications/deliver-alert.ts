import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { AlertChannel, AlertNotice } from '#portal/adapters/alerts/port.ts'
import { listStaff } from '#portal/modules/identity/staff-groups.ts'
import { runbookPathOf } from '#portal/modules/vendors/rules.ts'
import type { App } from '#portal/platform/app.ts'
import type { StaffGroup } from '#portal/platform/context.ts'
import { AppError, isAppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { composeMail } from './compose-mail.ts'
import { type AlertDeliveryRow, type AlertRow, alertDeliveries, alerts } from './tables.ts'

type Delivery = { delivery: AlertDeliveryRow; alert: AlertRow }

/**
 * Tells one channel what happened to one alert. Eight tries over half an hour, each with the channel's deadline; the
 * last failure is an alert of its own, on the other channels.
 */
export const deliverAlert = job({
  name: 'alerts.deliver',
  input: z.strictObject({ deliveryId: z.int() }),
  maxAttempts: 8,
  async run({ app, input, attempt, maxAttempts }) {
    await deliver(app, input.deliveryId, attempt >= maxAttempts)
  },
})

/** Tries one delivery once. @throws AppError unavailable where the channel did not take it */
export async function deliver(app: App, deliveryId: number, isLast: boolean): Promise<void> {
  const found = await find(app, deliveryId)
  if (found?.delivery.status !== 'waiting') return
  const { delivery, alert } = found
  if (await isOutdated(app, found)) return await settle(app, delivery, 'skipped')
  const { channel } = delivery
  const cause = `alerts.channel:${channel}`
  try {
    const told = await tell(app, found)
    await settle(app, delivery, told ? 'delivered' : 'skipped')
    if (told) app.telemetry.add('portal.alert.delivered', { channel, outcome: 'delivered' })
  } catch (error) {
    const message = isAppError(error) ? error.message : 'The channel failed.'
    await noteFailure(app, delivery, message, isLast)
    app.telemetry.add('portal.alert.delivered', { channel, outcome: isLast ? 'given_up' : 'failed' })
    if (isLast && alert.key !== cause)
      await app.ports.alerts.raise({
        key: cause,
        severity: 'critical',
        summary: `Alerts do not reach ${channel}. ${message}`,
        details: { channel, attempts: delivery.attempts + 1 },
        not: channel,
      })
    // Nothing of the original goes into the log: it may quote an address that is a secret.
    throw new AppError('unavailable', message)
  }
  await app.ports.alerts.resolve(cause)
}

/** What nobody has told for a minute: for a process that finds the workers dead. One taker each, for a minute. */
export async function deliverWaiting(app: App): Promise<void> {
  const now = app.clock()
  const minuteAgo = new Date(now.getTime() - 60_000).toISOString()
  const { rows } = await app.db.execute<{ id: number }>(sql`
    update alert_deliveries set last_tried_at = ${now.toISOString()}::timestamptz
    where id in (
      select id from alert_deliveries
      where status = 'waiting' and coalesce(last_tried_at, '-infinity') < ${minuteAgo}::timestamptz
        and created_at > ${minuteAgo}::timestamptz - interval '1 hour'
      order by id limit 20 for update skip locked)
    returning id::int`)
  for (const { id } of rows)
    await deliver(app, id, false).catch((error: unknown) =>
      app.log.warn({ err: error, delivery: id }, 'alert not told; trying again'),
    )
}

async function find(app: App, id: number): Promise<Delivery | undefined> {
  const [row] = await app.db
    .select({ delivery: alertDeliveries, alert: alerts })
    .from(alertDeliveries)
    .innerJoin(alerts, eq(alerts.id, alertDeliveries.alertId))
    .where(eq(alertDeliveries.id, id))
  return row
}

/** What a channel never heard of need not be resolved there, and what is over by now need not be told at all. */
async function isOutdated(app: App, { delivery, alert }: Delivery): Promise<boolean> {
  // Even half told: the channel that may have heard of it is told of its end.
  if (delivery.event === 'raised') return alert.resolvedAt !== null
  const [first] = await app.db
    .select({ attempts: alertDeliveries.attempts, status: alertDeliveries.status })
    .from(alertDeliveries)
    .where(
      and(
        eq(alertDeliveries.alertId, alert.id),
        eq(alertDeliveries.channel, delivery.channel),
        eq(alertDeliveries.event, 'raised'),
      ),
    )
  return first === undefined || first.status === 'skipped' || first.attempts === 0
}

/** False where there is nobody to tell by this channel. */
async function tell(app: App, { delivery, alert }: Delivery): Promise<boolean> {
  const runbook = runbookPathOf(app.settings.VENDOR_RUNBOOK_VERSION, alert.key)
  const notice: AlertNotice = {
    key: alert.key,
    severity: alert.severity,
    summary: alert.summary,
    details: { ...alert.details, ...(runbook ? { runbook: `${app.settings.PUBLIC_URL}${runbook}` } : {}) },
    audience: alert.audience,
    event: delivery.event,
    raisedAt: alert.raisedAt,
    url: `${app.settings.PUBLIC_URL}/admin/alerts`,
    idempotencyKey: `alert:${alert.id}:${delivery.event}`,
  }
  if (delivery.channel === 'email') return await mailAlert(app, notice)
  const channel = channelOf(app, delivery)
  if (!channel) return false
  await channel.tell(notice)
  return true
}

function channelOf(app: App, { channel }: AlertDeliveryRow): AlertChannel | undefined {
  return app.ports.alertChannels.find(({ name }) => name === channel)
}

/** To everybody in the groups it is for; ALERT_EMAIL stands for operations where it is set. */
export async function mailAlert(app: App, notice: AlertNotice): Promise<boolean> {
  const readers = await readersOf(app, notice.audience ?? ['operations'])
  const { key, event, severity, summary, details = {}, raisedAt, url } = notice
  const mail = composeMail('alert', { event, severity, summary, cause: key, details, raisedAt, url })
  for (const { id, email } of readers)
    await app.ports.mail.send({ to: email, ...mail, idempotencyKey: `${notice.idempotencyKey}:${id}` })
  return readers.length > 0
}

async function readersOf(
  app: App,
  audience: readonly StaffGroup[],
): Promise<{ id: string; email: string }[]> {
  const { ALERT_EMAIL } = app.settings
  const byAddress = audience.includes('operations') && ALERT_EMAIL ? ALERT_EMAIL : null
  const people = audience.filter((group) => group !== 'operations' || !byAddress)
  const staff = people.length === 0 ? [] : await app.db.transaction((tx) => listStaff(tx))
  return [
    ...(byAddress ? [{ id: 'setting', email: byAddress }] : []),
    ...staff.filter(({ groups }) => people.some((group) => groups.includes(group))),
  ]
}

async function settle(app: App, { id }: AlertDeliveryRow, status: 'delivered' | 'skipped'): Promise<void> {
  const now = app.clock()
  await app.db
    .update(alertDeliveries)
    .set({
      status,
      settledAt: now,
      ...(status === 'delivered'
        ? { attempts: sql`${alertDeliveries.attempts} + 1`, lastTriedAt: now, lastError: null }
        : {}),
    })
    .where(and(eq(alertDeliveries.id, id), eq(alertDeliveries.status, 'waiting')))
}

async function noteFailure(
  app: App,
  { id }: AlertDeliveryRow,
  lastError: string,
  isLast: boolean,
): Promise<void> {
  const now = app.clock()
  await app.db
    .update(alertDeliveries)
    .set({
      attempts: sql`${alertDeliveries.attempts} + 1`,
      lastTriedAt: now,
      lastError: lastError.slice(0, 300),
      ...(isLast ? { status: 'given_up' as const, settledAt: now } : {}),
    })
    .where(and(eq(alertDeliveries.id, id), eq(alertDeliveries.status, 'waiting')))
}
