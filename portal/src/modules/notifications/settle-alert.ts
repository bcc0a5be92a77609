import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { deliverAlert } from './deliver-alert.ts'
import { settleAlertInput } from './inputs.ts'
import { type AlertRow, alerts } from './tables.ts'

type Settling = 'acknowledged' | 'resolved'

/** Somebody looks after an open alert: the channels are told, and whoever was paged knows. */
export const acknowledgeAlert = verb({
  action: 'alert.acknowledge',
  input: settleAlertInput,
  allow: { role: 'admin', groups: ['operations', 'security'] },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const rows = await tx
      .update(alerts)
      .set({ acknowledgedAt: ctx.now, acknowledgedBy: actor.id, acknowledgeReason: input.reason })
      .where(and(isOpen(input.id), isNull(alerts.acknowledgedAt)))
      .returning()
    return await settled(scope, rows, 'acknowledged', 'Somebody looks after this alert already.')
  },
})

/** Ends an open alert by hand, where nothing clears it by itself; raised again, it is a new one. */
export const resolveAlert = verb({
  action: 'alert.resolve',
  input: settleAlertInput,
  allow: { role: 'admin', groups: ['operations', 'security'] },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const rows = await tx
      .update(alerts)
      .set({ resolvedAt: ctx.now, resolvedBy: actor.id, resolveReason: input.reason })
      .where(isOpen(input.id))
      .returning()
    return await settled(scope, rows, 'resolved', 'This alert is over already.')
  },
})

const isOpen = (id: string) => and(eq(alerts.id, Number(id)), isNull(alerts.resolvedAt))

async function whyNot(tx: Tx, id: string, met: string): Promise<AppError> {
  const [known] = await tx
    .select({ id: alerts.id })
    .from(alerts)
    .where(eq(alerts.id, Number(id)))
  return known ? new AppError('conflict', met) : new AppError('not_found', 'There is no such alert.')
}

/** Orders to tell every channel that heard of the alert; `met` says why there may be none that fits. */
async function settled(
  scope: VerbScope<{ id: string; reason: string }>,
  [row]: AlertRow[],
  event: Settling,
  met: string,
) {
  const { tx, ctx, actor, input, enqueue } = scope
  if (!row) throw await whyNot(tx, input.id, met)
  const { rows: told } = await tx.execute<{ id: number; channel: string }>(
    sql`insert into alert_deliveries (alert_id, channel, event, created_at)
      select alert_id, channel, ${event}, ${ctx.now.toISOString()}::timestamptz from alert_deliveries
      where alert_id = ${row.id} and event = 'raised'
      returning id::int, channel`,
  )
  for (const { id, channel } of told)
    await enqueue(
      deliverAlert,
      { deliveryId: id },
      { key: `alert:${id}`, queue: `alert:${row.id}:${channel}` },
    )
  return {
    result: { id: input.id, status: event },
    change: {
      target: { type: 'alert', id: input.id },
      details: { key: row.key, severity: row.severity },
      personal: { subject: actor.id, data: { reason: input.reason } },
    },
  }
}
