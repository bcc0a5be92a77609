import { decodeCursor, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { type AuditEvent, decodeEvent } from './event.ts'
import { wordsQuery } from './free-text.ts'
import type { SearchAudit } from './inputs.ts'
import { isPending } from './pending.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import { readHead } from './tree-store.ts'

/** One event as a list shows it. */
export type AuditRecord = {
  /** null where its text is not at hand; `missing` says why. */
  event: AuditEvent | null
  /** In the archive, which an export and a receipt read; or no event any more: `audit verify` says more. */
  missing: 'archived' | 'damaged' | null
  /** What it was found by; where its text is not at hand, all there is to show. */
  columns: SearchColumns
  time: string
  /** Position in the tree; null until the sequencer placed it. */
  index: number | null
  /** True once a signed checkpoint covers it. */
  proved: boolean
}

/** Null where a damaged entry has none. */
export type SearchColumns = { [column in (typeof COLUMNS)[number]]: string | null }

const COLUMNS = ['event_id', 'action', 'outcome', 'actor', 'target_type', 'target_id'] as const
const FOUND = `index, xid, seq, time, ${COLUMNS.join(', ')}`

type Row = SearchColumns & {
  seq: string
  at: string
  index: number | null
  entry: string
  archived: boolean
  covered: boolean
}

/** So many of the newest events are looked through for words before the index of words is asked. */
const NEWEST = 5000

/** `concerning`: what this person or thing did, and what was done to it. `actors`: what any of these did. */
export type EventSearch = SearchAudit & { concerning?: string; actors?: string[] }

/** Events that meet every condition, newest first, from the moment of their commit on. */
export async function searchEvents(runner: SqlRunner, search: EventSearch): Promise<Page<AuditRecord>> {
  const words = search.text === undefined ? undefined : wordsQuery(search.text)
  if (words === null) return { items: [], nextCursor: null }
  // A word that nearly every event has fills a page at once; a rare one is found by the index. Neither sorts a million.
  let rows = await find(runner, search, words ? { words, among: 'newest' } : null)
  if (words && rows.length <= search.limit) rows = await find(runner, search, { words, among: 'all' })
  const page = toPage(rows, search.limit, ({ at, seq }) => encodeCursor(at, seq))
  return { ...page, items: page.items.map(toRecord) }
}

type ByWords = { words: string; among: 'newest' | 'all' }
/** With what is bound for them in the statement. */
type AskedWords = ByWords & { worded: string }

async function find(runner: SqlRunner, search: EventSearch, by: ByWords | null): Promise<Row[]> {
  const { horizon } = await readHead(runner)
  const values: unknown[] = []
  const bind = (value: unknown) => `$${values.push(value)}`
  const where = conditionsOf(search, bind).join(' and ') || 'true'
  const limit = bind(search.limit + 1)
  const order = `order by time desc, seq desc limit ${limit}`
  const words = by ? `${bind(by.words)}::tsquery` : 'null'
  const concerning = search.concerning ? bind(search.concerning) : null
  const worded = by ? `${bind(await readWorded(runner))}::bigint` : ''
  const leaves = by
    ? leavesByWords({ words, among: by.among, worded }, where, limit)
    : leavesIn(where, order, concerning)
  const also = concerning ? `and (actor = ${concerning} or target_id = ${concerning})` : ''
  return await runSql<Row>(
    runner,
    `with pending as materialized (
      select null::bigint as index, e.xid, e.seq, audit_instant(f ->> 'time') as time, f ->> 'id' as event_id,
        f ->> 'action' collate "C" as action, f ->> 'outcome' as outcome, f #>> '{actor,pseudonym}' as actor,
        f #>> '{target,type}' as target_type, f #>> '{target,id}' as target_id, audit_share(f) as share_id
      from audit_events e, audit_fields(e.entry) f where ${isPending(horizon)}${by ? ` and audit_words(f) @@ ${words}` : ''}
    ), found as (
      ${leaves}
      union all (select ${FOUND} from pending where ${where} ${also} ${order})
      ${order}
    )
    select ${COLUMNS.map((name) => `found.${name}`).join(', ')}, found.seq::text, to_char(found.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, found.index,
      coalesce(e.entry, audit_warm_entry(found.index), '') as entry,
      exists (select from audit_ranges r where r.n = found.index / 256 and r.tier = 'archive') as archived,
      coalesce(found.index < (select max(size) from audit_checkpoints), false) as covered
    from found left join audit_events e on e.xid = found.xid and e.seq = found.seq order by found.time desc, found.seq desc`,
    values,
  )
}

/** Each half of what concerns somebody has an index of its own; one condition on both would read all of theirs. */
function leavesIn(where: string, order: string, concerning: string | null): string {
  const page = (also: string) => `(select ${FOUND} from audit_leaves where ${where} ${also} ${order})`
  if (!concerning) return page('')
  return `(select * from (${page(`and actor = ${concerning}`)} union ${page(`and target_id = ${concerning}`)}) both_ends ${order})`
}

/** The last event whose words are kept. */
async function readWorded(runner: SqlRunner): Promise<string> {
  const [row] = await runSql<{ last: string }>(
    runner,
    'select coalesce(max(index), -1)::text as last from audit_search',
    [],
  )
  return row?.last ?? '-1'
}

/**
 * Leaves by their words; the youngest, whose words are not kept yet (those behind `worded`), by looking through their
 * entries. PostgreSQL can't tell how many events have the beginning of a word: `offset 0` keeps it from turning a look
 * through the newest into one through the whole index, and the other way round.
 */
function leavesByWords({ words, among, worded }: AskedWords, where: string, limit: string): string {
  const leaves = `select ${FOUND} from audit_leaves where ${where}`
  const page = `order by l.time desc, l.seq desc limit ${limit}`
  const has = `s.words @@ ${words} and s.index <= ${worded}`
  const kept =
    among === 'newest'
      ? `(${leaves} order by time desc, seq desc limit ${NEWEST}) l
          cross join lateral (select from audit_search s where s.index = l.index and ${has} offset 0) s`
      : `(select s.index as hit from audit_search s where ${has} offset 0) s join (${leaves}) l on l.index = s.hit`
  return `(select l.* from ${kept} ${page})
    union all (select l.* from (${leaves} and index > ${worded} offset 0) l
      join audit_events e on e.xid = l.xid and e.seq = l.seq
      where audit_words(audit_fields(e.entry)) @@ ${words} ${page})`
}

function conditionsOf(search: EventSearch, bind: (value: unknown) => string): string[] {
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
    const { at, id } = decodeCursor(cursor)
    conditions.push(`(time, seq) < (${bind(at)}::timestamptz, ${bind(id)}::bigint)`)
  }
  return conditions
}

function toRecord({ entry, index, at, archived, covered, seq: _, ...columns }: Row): AuditRecord {
  const event = decodeEvent(entry)
  return {
    event,
    columns,
    missing: event ? null : archived ? 'archived' : 'damaged',
    time: event?.time ?? at,
    index: index === null ? null : Number(index),
    proved: covered,
  }
}
