import { decodeNumbered } from '#portal/platform/cursor.ts'
import type { SearchAudit } from './inputs.ts'
import { type Horizon, isPending } from './pending.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'

/** `concerning`: what this person or thing did, and what was done to it. `actors`: what any of these did. */
export type EventSearch = SearchAudit & { concerning?: string; actors?: string[] }

export const COLUMNS = ['event_id', 'action', 'outcome', 'actor', 'target_type', 'target_id'] as const

/** Null where a damaged entry has none. */
export type SearchColumns = { [column in (typeof COLUMNS)[number]]: string | null }

/** A found event; `at` is its time in UTC to the microsecond, so that it compares as text. */
export type Row = SearchColumns & {
  seq: string
  at: string
  index: number | null
  entry: string
  archived: boolean
  covered: boolean
}

/** Gives the placeholder of a value in the statement that is being put together. */
export type Bind = (value: unknown) => string

export const FOUND = `index, xid, seq, time, ${COLUMNS.join(', ')}`
export const instantText = (time: string) =>
  `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Runs what `compose` puts together of FOUND columns, newest first, and reads what a list shows of these events. */
export async function readRows(runner: SqlRunner, compose: (bind: Bind) => string): Promise<Row[]> {
  const values: unknown[] = []
  const found = compose((value) => `$${values.push(value)}`)
  return await runSql<Row>(
    runner,
    `with found as materialized (${found})
    select ${COLUMNS.map((name) => `found.${name}`).join(', ')}, found.seq::text, ${instantText('found.time')} as at, found.index,
      coalesce(e.entry, audit_warm_entry(found.index), '') as entry,
      exists (select from audit_ranges r where r.n = found.index / 256 and r.tier = 'archive') as archived,
      coalesce(found.index < (select max(size) from audit_checkpoints), false) as covered
    from found left join audit_events e on e.xid = found.xid and e.seq = found.seq order by found.time desc, found.seq desc`,
    values,
  )
}

/** Committed events that the sequencer has not placed yet, with the columns that their leaves will have. */
export function pendingEvents(horizon: Horizon, also = 'true'): string {
  return `select null::bigint as index, e.xid, e.seq, audit_instant(f ->> 'time') as time, f ->> 'id' as event_id,
      f ->> 'action' collate "C" as action, f ->> 'outcome' as outcome, f #>> '{actor,pseudonym}' as actor,
      f #>> '{target,type}' as target_type, f #>> '{target,id}' as target_id, audit_share(f) as share_id
    from audit_events e, audit_fields(e.entry) f where ${isPending(horizon)} and ${also}`
}

/** What the columns of an event have to meet. */
export function conditionsOf(search: EventSearch, bind: Bind): string {
  const { action, actor, actors, target, share, outcome, from, to, cursor } = search
  const conditions: string[] = []
  if (action?.endsWith('.'))
    conditions.push(`action >= ${bind(action)} and action < ${bind(`${action.slice(0, -1)}/`)}`)
  else if (action) conditions.push(`action = ${bind(action)}`)
  if (actor) conditions.push(`actor = ${bind(actor)}`)
  if (actors) conditions.push(`actor = any(${bind(actors)}::text[])`)
  if (target) conditions.push(`target_id = ${bind(target)}`)
  if (share) conditions.push(`share_id = ${bind(share)}`)
  // The index on outcomes leaves `allowed` out; saying so lets the planner use it.
  if (outcome)
    conditions.push(`outcome = ${bind(outcome)}${outcome === 'allowed' ? '' : ` and outcome <> 'allowed'`}`)
  if (from) conditions.push(`time >= ${bind(from)}`)
  if (to) conditions.push(`time < ${bind(to)}`)
  if (cursor) {
    const { at, id } = decodeNumbered(cursor)
    conditions.push(`(time, seq) < (${bind(at)}::timestamptz, ${bind(id)}::bigint)`)
  }
  return conditions.join(' and ') || 'true'
}
