import type { PoolClient } from 'pg'
import { isPending } from './pending.ts'
import { appendLeaves } from './tiles.ts'
import { type Head, readHead, readRightEdge, writeTiles } from './tree-store.ts'

/** One sequencer works at a time; the second number of the lock is the log's. */
const LOCK = [7_301_010, 1]

/** Leads this transaction, waiting for another leader or not; false where somebody else leads. */
export async function lead(client: PoolClient, mode: 'wait' | 'try'): Promise<boolean> {
  if (mode === 'wait') {
    await client.query('select pg_advisory_xact_lock($1, $2)', LOCK)
    return true
  }
  const { rows } = await client.query('select pg_try_advisory_xact_lock($1, $2) as is_leader', LOCK)
  return rows[0].is_leader
}

export type Integrated = { size: number; added: number; hasMore: boolean }

/**
 * Gives committed events their places in the tree, in the order of insertion, at most `limit` of them; whole or not
 * at all, with the caller's transaction. The head's row lock and its batch number fence off a second leader.
 */
export async function integrateBatch(client: PoolClient, limit: number): Promise<Integrated> {
  const head = await readHead(client, 'for update')
  const found = await readPending(client, head, limit + 1)
  const events = found.events.slice(0, limit)
  if (events.length === 0) return { size: head.size, added: 0, hasMore: false }
  const edge = await readRightEdge(client, head.size)
  await placeLeaves(client, head.size, events)
  await writeTiles(
    client,
    appendLeaves(
      edge,
      head.size,
      events.map(({ leaf_hash }) => leaf_hash),
    ),
  )
  const hasMore = found.events.length > limit
  const size = head.size + events.length
  await moveHead(client, head, size, hasMore ? null : found.horizon)
  return { size, added: events.length, hasMore }
}

type PendingEvent = { xid: string; seq: string; leaf_hash: Buffer; horizon: string }

/** The events and the new horizon come from one statement, therefore from one snapshot. */
async function readPending(client: PoolClient, head: Head, limit: number) {
  const { rows } = await client.query<PendingEvent>(
    `select e.xid::text, e.seq::text, e.leaf_hash, pg_snapshot_xmin(pg_current_snapshot())::text as horizon
      from audit_events e where ${isPending(head.horizon)} order by e.seq limit $1`,
    [limit],
  )
  return { events: rows, horizon: rows[0]?.horizon ?? null }
}

async function placeLeaves(client: PoolClient, size: number, events: PendingEvent[]): Promise<void> {
  const { rowCount } = await client.query(PLACE, [
    size,
    events.map(({ xid }) => xid),
    events.map(({ seq }) => seq),
  ])
  if (rowCount !== events.length) throw new Error(`${rowCount} of ${events.length} events got a place`)
}

const PLACE = `insert into audit_leaves
    (index, xid, seq, event_id, time, action, outcome, actor, target_type, target_id, share_id)
  select $1::bigint + row_number() over (order by e.seq) - 1, e.xid, e.seq, left(f ->> 'id', 128), audit_instant(f ->> 'time'),
    left(f ->> 'action', 128), left(f ->> 'outcome', 128), left(f #>> '{actor,pseudonym}', 128),
    left(f #>> '{target,type}', 128), left(f #>> '{target,id}', 128), left(audit_share(f), 128)
  from unnest($2::text[], $3::bigint[]) as found (xid, seq)
    join audit_events e on e.xid = found.xid::xid8 and e.seq = found.seq, audit_fields(e.entry) f`

async function moveHead(client: PoolClient, head: Head, size: number, horizon: string | null): Promise<void> {
  const { rowCount } = await client.query(
    `update audit_head set batch = batch + 1, size = $2, horizon = coalesce($3::text::xid8, horizon),
      cluster = case when $3 is null then cluster else (select system_identifier from pg_control_system()) end
    where batch = $1`,
    [head.batch, size, horizon],
  )
  if (rowCount !== 1) throw new Error('another sequencer moved the head: this batch is void')
}
