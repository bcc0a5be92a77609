import type pg from 'pg'
import type { WebhookEventRow } from './tables.ts'

/** What is needed of an event to apply it. */
export type ClaimedEvent = Pick<
  WebhookEventRow,
  | 'id'
  | 'provider'
  | 'type'
  | 'objectType'
  | 'objectId'
  | 'body'
  | 'occurredAt'
  | 'receivedAt'
  | 'state'
  | 'attempts'
  | 'claims'
  | 'claimedUntil'
  | 'synthetic'
  | 'cause'
>

type Runner = Pick<pg.Pool, 'query'>

/** Longer than applying one event may take; who dies with an event in hand gives it back after that. */
export const LEASE_MS = 60_000

const COLUMNS = `e.id, e.provider, e.type, e.object_type as "objectType", e.object_id as "objectId", e.body,
  e.occurred_at as "occurredAt", e.received_at as "receivedAt", e.state, e.attempts, e.claims,
  e.claimed_until as "claimedUntil", e.cause, e.synthetic,
  e.subject`

const textOf = (which: string, order: string) => `
  with due as (
    select id from webhook_events where ${which} and (claimed_until is null or claimed_until <= $1)
    order by ${order} limit $2 for update skip locked
  )
  update webhook_events e set claimed_until = $3, claims = claims + 1 from due where e.id = due.id
  returning ${COLUMNS}`

const DUE = textOf(`state = 'pending' and next_try_at <= $1`, 'attempts, next_try_at')
const OF_REPLAY = textOf(`replay_id = $4 and state = 'dead'`, 'subject')

/** Takes events whose next try is due: those that never failed first, so that the others hold nobody up. */
export async function claimDue(pool: Runner, now: Date, limit: number): Promise<ClaimedEvent[]> {
  return await claim(pool, { name: 'webhooks-claim-due', text: DUE }, [now, limit, leaseFrom(now)])
}

/** Takes dead letters of a replay that it has not tried yet, those of one upload together. */
export async function claimOfReplay(
  pool: Runner,
  replayId: string,
  now: Date,
  limit: number,
): Promise<ClaimedEvent[]> {
  return await claim(pool, { name: 'webhooks-claim-replay', text: OF_REPLAY }, [
    now,
    limit,
    leaseFrom(now),
    replayId,
  ])
}

const GIVE_BACK = `update webhook_events e set claimed_until = null, claims = e.claims - 1
  from unnest($1::text[], $2::timestamptz[]) as r (id, until)
  where e.id = r.id and e.claimed_until = r.until and e.claims > 0`

/** Gives back what was taken and not begun, so that its lease ends now and does not count as a process that ended. */
export async function giveBack(pool: Runner, events: ClaimedEvent[]): Promise<void> {
  const values = [events.map(({ id }) => id), events.map(({ claimedUntil }) => claimedUntil)]
  await pool.query({ name: 'webhooks-give-back', text: GIVE_BACK, values })
}

const leaseFrom = (now: Date) => new Date(now.getTime() + LEASE_MS)

async function claim(
  pool: Runner,
  query: { name: string; text: string },
  values: unknown[],
): Promise<ClaimedEvent[]> {
  const { rows } = await pool.query<ClaimedEvent & { subject: string }>({ ...query, values })
  return rows.sort((a, b) => a.attempts - b.attempts || (a.subject < b.subject ? -1 : 1))
}
