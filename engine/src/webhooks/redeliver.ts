import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { notify } from '#engine/platform/session-connection.ts'
import { OUTBOX_CHANNEL } from './emit.ts'

export type DeliveryState = 'delivered' | 'pending' | 'given-up'

export type DeliveryListing = {
  event_id: string
  type: string
  object_id: string
  /** Address of the configuration, or id of a webhook. */
  endpoint: string
  state: DeliveryState
  attempts: number
  last_status: number | null
  last_error: string | null
  created_at: Date
  next_attempt_at: Date | null
}

/** Deliveries of the last 30 days, newest first. */
export async function listDeliveries(
  db: Queryable,
  state: DeliveryState | null,
  limit: number,
): Promise<DeliveryListing[]> {
  const { rows } = await db.query<DeliveryListing>(
    `select * from (
       select d.event_id, e.type, e.object_id, d.endpoint, d.attempt_count as attempts, d.last_status, d.last_error,
         e.created_at, d.next_attempt_at, e.sequence,
         case when d.delivered_at is not null then 'delivered' when d.gave_up_at is not null then 'given-up'
           else 'pending' end as state
       from engine.webhook_deliveries d join engine.webhook_events e on e.id = d.event_id) each
     where $1::text is null or state = $1 order by sequence desc limit $2`,
    [state, limit],
  )
  return rows
}

/**
 * Sends again: one event, or all that were given up; to every receiver, or to one. A new day of attempts begins.
 * Receivers that are no more are left out. Returns how many deliveries are due now.
 */
export async function redeliver(
  ctx: Pick<EngineContext, 'pool' | 'clock' | 'settings'>,
  what: { eventId: string | null; endpoint: string | null },
): Promise<number> {
  return inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update engine.webhook_deliveries d set next_attempt_at = $1, retry_from = $1, attempt_count = 0,
         delivered_at = null, gave_up_at = null, leased_until = null
       where ($2::text is null and gave_up_at is not null or event_id::text = $2) and ($3::text is null or endpoint = $3)
         and (endpoint = any($4) or exists (select 1 from engine.webhook_endpoints w where w.id = endpoint))`,
      [ctx.clock(), what.eventId, what.endpoint, ctx.settings.webhooks.map(({ url }) => url)],
    )
    await notify(tx, OUTBOX_CHANNEL, '')
    return rowCount ?? 0
  })
}
