import type pg from 'pg'
import type { AuditEventInput, RowChange, RowVersions } from '#portal/platform/audit-sink.ts'
import { isRefused } from '#portal/platform/deadlock.ts'
import { gather } from '#portal/platform/gather.ts'
import { newId } from '#portal/platform/ids.ts'
import { encodeEvent } from './event.ts'
import { eventFrom } from './event-from.ts'
import { hashLeaf } from './merkle.ts'

type Recorded = { change: RowChange; entry: string; leafHash: Buffer }
type Runner = Pick<pg.Pool, 'query'>

const MOST = 64
/** As long as a busy crowd takes to come back; a renewal that comes alone waits for nobody. */
const LINGER_MS = 3

/**
 * Changes of rows, each with its event, in one statement that commits by itself: both, or neither where the change met
 * no row. Those of one kind that are asked for at once share the statement and its commit; each has its own verdict.
 *
 * A statement for several never waits for a row that somebody else holds (a revoke, say), so that it can hold nobody
 * up and be part of no deadlock: such rows, and those that it did not find, are tried again one by one, which waits.
 * So are all of a statement that PostgreSQL refused. Of one whose answer was lost nobody knows whether it was done:
 * its asks fail, for a second try might record a second event.
 */
export function createRecordWith() {
  const gathered = new WeakMap<Runner, Map<string, (recorded: Recorded) => Promise<RowVersions | null>>>()
  return async (pool: Runner, input: AuditEventInput, change: RowChange): Promise<RowVersions | null> => {
    if (input.personal) throw new Error(`${input.action}: personal data needs a transaction of its own`)
    const entry = encodeEvent(eventFrom(newId('evt'), input))
    const kinds = gathered.get(pool) ?? new Map<string, (recorded: Recorded) => Promise<RowVersions | null>>()
    gathered.set(pool, kinds)
    const record =
      kinds.get(change.name) ?? gather((asks: Recorded[]) => recordAll(pool, asks), MOST, LINGER_MS)
    kinds.set(change.name, record)
    return await record({ change, entry, leafHash: hashLeaf(entry) })
  }
}

async function recordAll(
  pool: Runner,
  asks: Recorded[],
): Promise<(RowVersions | null | Promise<RowVersions | null>)[]> {
  if (asks.length === 1) return [await recordOne(pool, asks[0] as Recorded)]
  const rows = new Set<unknown>()
  // Two changes of one row are two statements: one would see only the state before both.
  const together = asks.filter(({ change }) => !rows.has(change.values[0]) && rows.add(change.values[0]))
  const done = await send(pool, together, 'skip locked').catch(noneIfRefused)
  const made = new Map(together.map((ask, place) => [ask, done.get(place)]))
  return asks.map((ask) => made.get(ask) ?? recordOne(pool, ask))
}

function noneIfRefused(error: unknown): Map<number, RowVersions> {
  if (isRefused(error)) return new Map()
  throw error
}

async function recordOne(pool: Runner, ask: Recorded): Promise<RowVersions | null> {
  return (await send(pool, [ask], '')).get(0) ?? null
}

/** Of the asks whose change met its row, by place. */
async function send(
  pool: Runner,
  asks: Recorded[],
  wait: 'skip locked' | '',
): Promise<Map<number, RowVersions>> {
  const [first] = asks
  if (!first) return new Map()
  const { change } = first
  const columns = change.types.map((_, n) => asks.map((ask) => ask.change.values[n]))
  const { rows } = await pool.query<RowVersions & { place: number }>({
    name: `${change.name}${wait && '-many'}`,
    text: textOf(change, wait),
    values: [...columns, asks.map(({ entry }) => entry), asks.map(({ leafHash }) => leafHash)],
  })
  return new Map(rows.map(({ place, before, after }) => [place - 1, { before, after }]))
}

function textOf({ table, types, set, where }: RowChange, wait: string): string {
  const all = [...types, 'text', 'bytea']
  const given = all.map((type, n) => `$${n + 1}::${type}[]`).join(', ')
  const names = [...types.map((_, n) => `v${n + 1}`), 'entry', 'leaf_hash', 'place'].join(', ')
  return `with asked as (select * from unnest(${given}) with ordinality as given (${names})),
    held as materialized (select id, xmin::text as before from ${table} where id = any($1::${types[0]}[]) for no key update ${wait}),
    changed as (update ${table} as stored set ${set} from asked join held on held.id = asked.v1
      where stored.id = asked.v1 and ${where}
      returning asked.place, asked.entry, asked.leaf_hash, held.before, stored.xmin::text as after),
    recorded as (insert into audit_events (entry, leaf_hash) select entry, leaf_hash from changed)
    select place, before, after from changed`
}
