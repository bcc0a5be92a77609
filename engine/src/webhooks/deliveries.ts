import { randomUUID } from 'node:crypto'
import type { Queryable } from '#engine/platform/db.ts'
import { MAX_ATTEMPTS, nextAttemptAt } from './backoff.ts'
import type { Receiver } from './endpoints.ts'
import type { SendResult } from './send-webhook.ts'

/** A sender that dies in the middle gives its deliveries back after this long. */
const LEASE_MS = 20_000

export type DueDelivery = {
  eventId: string
  type: string
  body: Record<string, unknown>
  /** The 24 hours of attempts count from here: the event, or its redelivery. */
  retryFrom: Date
  attempts: Record<string, unknown>[]
  attemptCount: number
}

/** Takes up to `limit` due deliveries of one receiver, oldest first; no other sender gets them for 20 s. */
export async function claimDue(
  db: Queryable,
  endpoint: string,
  now: Date,
  limit: number,
): Promise<DueDelivery[]> {
  const { rows } = await db.query(
    `with due as (
       select event_id, endpoint from engine.webhook_deliveries
       where endpoint = $1 and next_attempt_at <= $2 and (leased_until is null or leased_until < $2)
       order by next_attempt_at limit $3 for update skip locked)
     update engine.webhook_deliveries d set leased_until = $4
     from due, engine.webhook_events e
     where d.event_id = due.event_id and d.endpoint = due.endpoint and e.id = d.event_id
     returning d.event_id, e.type, e.sequence, e.body, coalesce(d.retry_from, e.created_at) as retry_from,
       d.attempts, d.attempt_count`,
    [endpoint, now, limit, new Date(now.getTime() + LEASE_MS)],
  )
  return rows
    .sort((a, b) => a.sequence - b.sequence)
    .map((row) => ({
      eventId: row.event_id,
      type: row.type,
      body: row.body,
      retryFrom: row.retry_from,
      attempts: row.attempts,
      attemptCount: row.attempt_count,
    }))
}

/** The JSON to send: the envelope with the attempts made so far. */
export function bodyOf(delivery: DueDelivery): string {
  return JSON.stringify({ ...delivery.body, attempts: delivery.attempts })
}

/**
 * Writes down how an attempt ended and when the next one is due. What was delivered once stays delivered, whatever
 * becomes of a duplicate. True if this was the attempt after which it is given up.
 */
export async function recordAttempt(
  db: Queryable,
  receiver: Receiver,
  delivery: DueDelivery,
  result: SendResult,
  now: Date,
): Promise<boolean> {
  const failures = delivery.attemptCount + 1
  const next = result.delivered ? null : nextAttemptAt(delivery.retryFrom, now, failures, Math.random())
  const { rows } = await db.query<{ gave_up: boolean }>(
    `update engine.webhook_deliveries set
       attempts = case when jsonb_array_length(attempts) >= $9 then attempts - 0 else attempts end || $3::jsonb,
       attempt_count = attempt_count + 1, leased_until = null, last_status = $5, last_error = $6,
       delivered_at = coalesce(delivered_at, case when $7 then $8::timestamptz end),
       next_attempt_at = case when delivered_at is null and gave_up_at is null then $4::timestamptz end,
       gave_up_at = case when delivered_at is not null or $7 then null
         when $4::timestamptz is null then coalesce(gave_up_at, $8::timestamptz) else gave_up_at end
     where event_id = $1 and endpoint = $2 returning gave_up_at = $8 as gave_up`,
    [
      delivery.eventId,
      receiver.key,
      JSON.stringify([attemptJson(receiver, result, now)]),
      next,
      result.status,
      result.error,
      result.delivered,
      now,
      MAX_ATTEMPTS,
    ],
  )
  return rows[0]?.gave_up === true
}

/** An attempt as the envelope shows it; `response_status_code` is missing where no answer came. */
function attemptJson(receiver: Receiver, result: SendResult, now: Date) {
  return {
    id: randomUUID(),
    webhook_id: receiver.number,
    address: receiver.url,
    created_at: now.toISOString(),
    ...(result.status === null ? {} : { response_status_code: result.status }),
    response_headers: result.headers,
    response_body: result.body || result.error,
    max_attempts: MAX_ATTEMPTS,
  }
}

/** Ends a lease without an attempt. */
export async function giveBack(db: Queryable, endpoint: string, delivery: DueDelivery): Promise<void> {
  await db.query(
    'update engine.webhook_deliveries set leased_until = null where event_id = $1 and endpoint = $2',
    [delivery.eventId, endpoint],
  )
}

/** Which of these receivers something is due for, or being sent to. */
export async function receiversInNeed(db: Queryable, endpoints: string[], now: Date): Promise<string[]> {
  const { rows } = await db.query<{ endpoint: string }>(
    `select wanted as endpoint from unnest($1::text[]) as wanted where exists (
       select 1 from engine.webhook_deliveries d where d.endpoint = wanted and next_attempt_at is not null
         and (next_attempt_at <= $2 or leased_until > $2))`,
    [endpoints, now],
  )
  return rows.map(({ endpoint }) => endpoint)
}
