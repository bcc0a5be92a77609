import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { Queryable } from '#engine/platform/db.ts'
import { MAX_ATTEMPTS, nextAttemptAt } from './backoff.ts'
import type { SendResult } from './send-webhook.ts'

/** A sender that dies in the middle gives its deliveries back after this long. */
const LEASE_MS = 20_000

export type DueDelivery = {
  eventId: string
  body: Record<string, unknown>
  eventAt: Date
  attempts: Record<string, unknown>[]
  attemptCount: number
}

/** Takes up to `limit` due deliveries of one endpoint, oldest first; no other sender gets them for 20 s. */
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
     returning d.event_id, e.sequence, e.body, e.created_at, d.attempts, d.attempt_count`,
    [endpoint, now, limit, new Date(now.getTime() + LEASE_MS)],
  )
  return rows
    .sort((a, b) => a.sequence - b.sequence)
    .map((row) => ({
      eventId: row.event_id,
      body: row.body,
      eventAt: row.created_at,
      attempts: row.attempts,
      attemptCount: row.attempt_count,
    }))
}

/** The JSON to send: the envelope with the attempts made so far. */
export function bodyOf(delivery: DueDelivery): string {
  return JSON.stringify({ ...delivery.body, attempts: delivery.attempts })
}

/** Writes down how an attempt ended, and when the next one is due. */
export async function recordAttempt(
  pool: pg.Pool,
  endpoint: string,
  delivery: DueDelivery,
  result: SendResult,
  now: Date,
): Promise<void> {
  const failures = delivery.attemptCount + 1
  const next = result.delivered ? null : nextAttemptAt(delivery.eventAt, now, failures, Math.random())
  const attempt = {
    id: randomUUID(),
    webhook_id: 1,
    address: endpoint,
    created_at: now.toISOString(),
    response_status_code: result.status,
    response_headers: {},
    response_body: result.body || result.error,
    max_attempts: MAX_ATTEMPTS,
  }
  await pool.query(
    `update engine.webhook_deliveries set attempts = attempts || $3::jsonb, attempt_count = attempt_count + 1,
       next_attempt_at = $4, leased_until = null, last_status = $5, last_error = $6,
       delivered_at = case when $7 then $8::timestamptz end,
       gave_up_at = case when not $7 and $4::timestamptz is null then $8::timestamptz end
     where event_id = $1 and endpoint = $2`,
    [
      delivery.eventId,
      endpoint,
      JSON.stringify([attempt]),
      next,
      result.status,
      result.error?.slice(0, 500) ?? null,
      result.delivered,
      now,
    ],
  )
}

/** Ends a lease without an attempt. */
export async function giveBack(db: Queryable, endpoint: string, delivery: DueDelivery): Promise<void> {
  await db.query(
    'update engine.webhook_deliveries set leased_until = null where event_id = $1 and endpoint = $2',
    [delivery.eventId, endpoint],
  )
}

/** True while something is due or being sent. */
export async function anyDue(db: Queryable, endpoints: string[], now: Date): Promise<boolean> {
  const { rows } = await db.query(
    `select 1 from engine.webhook_deliveries
     where endpoint = any($1) and next_attempt_at is not null and (next_attempt_at <= $2 or leased_until > $2) limit 1`,
    [endpoints, now],
  )
  return rows.length > 0
}
