import type pg from 'pg'
import type { VerifiedEvent } from '#portal/adapters/video/port.ts'
import type { App } from '#portal/platform/app.ts'
import { gather } from '#portal/platform/gather.ts'
import { redactEvent } from './rules.ts'
import type { WebhookEventRow } from './tables.ts'
import { WAKE } from './wake-apply.ts'

/** `replay`: this very request came before, signed at the same second; `known`: the event did. */
export type Stored = 'stored' | 'known' | 'replay'

type Arrival = { event: VerifiedEvent; provider: WebhookEventRow['provider']; at: Date }

const MOST_TOGETHER = 100
/** Signed requests that are remembered of one event: its newest. */
const SIGNATURES_KEPT = 64

/**
 * Stores verified events, redacted, in one statement that commits by itself and has them applied; those that come at
 * once share it. Returns what each one was.
 */
export function createEventStore(pool: Pick<pg.Pool, 'query'>): (arrival: Arrival) => Promise<Stored> {
  return gather((arrivals: Arrival[]) => storeAll(pool, arrivals), MOST_TOGETHER)
}

const stores = new WeakMap<App['pool'], (arrival: Arrival) => Promise<Stored>>()

export function storeEvent(app: Pick<App, 'pool'>, arrival: Arrival): Promise<Stored> {
  const store = stores.get(app.pool) ?? createEventStore(app.pool)
  stores.set(app.pool, store)
  return store(arrival)
}

async function storeAll(pool: Pick<pg.Pool, 'query'>, arrivals: Arrival[]): Promise<Stored[]> {
  const stored: Stored[] = []
  // One statement sees only the state before it: an event that is there twice goes with the next.
  for (let left = [...arrivals.entries()]; left.length > 0; ) {
    const ids = new Set<string>()
    const now = left.filter(([, { event }]) => !ids.has(event.id) && ids.add(event.id))
    const found = await insertAll(
      pool,
      now.map(([, arrival]) => arrival),
    )
    for (const [place, { event }] of now) stored[place] = found.get(event.id) ?? 'replay'
    const done = new Set(now)
    left = left.filter((one) => !done.has(one))
  }
  return stored
}

async function insertAll(pool: Pick<pg.Pool, 'query'>, arrivals: Arrival[]): Promise<Map<string, Stored>> {
  const columns = [
    arrivals.map(({ event }) => event.id),
    arrivals.map(({ provider }) => provider),
    arrivals.map(({ event }) => event.type),
    arrivals.map(({ event }) => event.objectType),
    arrivals.map(({ event }) => event.objectId),
    arrivals.map(({ event }) => JSON.stringify(redactEvent(event))),
    arrivals.map(({ event }) => event.createdAt),
    arrivals.map(({ at }) => at),
    arrivals.map(({ event }) => event.signature),
  ]
  const { rows } = await pool.query<{ id: string; received_count: number }>({
    name: 'webhooks-store',
    text: INSERT,
    values: columns,
  })
  return new Map(rows.map((row) => [row.id, row.received_count === 1 ? 'stored' : 'known']))
}

const INSERT = `
  with arrived as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[],
      $7::timestamptz[], $8::timestamptz[], $9::bytea[])
      as a (id, provider, type, object_type, object_id, body, occurred_at, received_at, signature)
  ), stored as (
    insert into webhook_events as e
      (id, provider, type, object_type, object_id, body, occurred_at, received_at, next_try_at, signatures)
    select id, provider, type, object_type, object_id, body, occurred_at, received_at, received_at, array[signature]
    from arrived
    on conflict (id) do update set received_count = e.received_count + 1,
      signatures = (e.signatures || excluded.signatures)
        [greatest(1, cardinality(e.signatures) + 2 - ${SIGNATURES_KEPT}):]
    where not excluded.signatures[1] = any (e.signatures)
    returning id, received_count
  ), woken as materialized (
    ${WAKE} where exists (select 1 from stored where received_count = 1)
  )
  select id, received_count, (select count(*) from woken) from stored`
