import { decodeNumbered } from '#portal/platform/cursor.ts'
import {
  type Bind,
  conditionsOf,
  type EventSearch,
  FOUND,
  instantText,
  pendingEvents,
  type Row,
  readRows,
} from './found-rows.ts'
import { type Word, wordsOfValue, wordsQuery } from './free-text.ts'
import type { Horizon } from './pending.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import { HORIZON, type HorizonRow, horizonOf } from './tree-store.ts'

/** A part of the log that has its own place in the index of words; `newest` is the time of its newest event. */
type Stretch = { n: number; newest: string }
/** `worded`: the last event whose words are kept. What came later is young, whatever happens meanwhile. */
type Asked = { runner: SqlRunner; search: EventSearch; words: Word[]; worded: number; horizon: Horizon }

/** A beginning shorter than this may stand for every identifier of a kind. */
const SHORT = 6

/**
 * Events with all of these words, newest first, one more than a page. What has no place in the index yet is looked
 * through. Then the index tells in which of the newest stretches a page of hits is, and these are read; and those as
 * well whose times reach into the page.
 */
export async function findByWords(runner: SqlRunner, search: EventSearch, words: Word[]): Promise<Row[]> {
  const { stretches, ...bounds } = await readBounds(runner, search)
  const asked = { runner, search, words, ...bounds }
  let rows = await findAmongYoung(asked)
  let { next, rest } = await placesOfHits(asked, stretches)
  while (next.length) {
    rows = newestOf([...rows, ...(await findInStretches(asked, next))], search.limit + 1)
    const last = rows[search.limit]
    const reaching = Object.groupBy(rest, ({ newest }) => (!last || newest >= last.at ? 'next' : 'rest'))
    next = reaching.next ?? []
    rest = reaching.rest ?? []
  }
  return rows
}

const newestOf = (rows: Row[], most: number) => rows.sort(newestFirst).slice(0, most)

function newestFirst(one: Row, other: Row): number {
  if (one.at !== other.at) return one.at < other.at ? 1 : -1
  return Number(BigInt(other.seq) - BigInt(one.seq))
}

/** How far the words reach, and the stretches that can hold what is asked for by time, newest first: all of one moment. */
async function readBounds(runner: SqlRunner, { from, to, cursor }: EventSearch) {
  const at = cursor === undefined ? null : decodeNumbered(cursor).at
  const [row] = await runSql<HorizonRow & { worded: string; stretches: Stretch[] }>(
    runner,
    `select ${HORIZON}, (select coalesce(max(index), -1) from audit_search)::text as worded,
      (select coalesce(json_agg(json_build_object('n', n, 'newest', ${instantText('newest')}) order by newest desc, n desc), '[]')
        from audit_search_stretches
        where newest >= coalesce($1::timestamptz, '-infinity') and oldest < coalesce($2::timestamptz, 'infinity')
          and oldest <= coalesce($3::timestamptz, 'infinity')) as stretches
      from audit_head`,
    [from ?? null, to ?? null, at],
  )
  if (!row) throw new Error('audit_head is empty: the log has lost its head')
  return { horizon: horizonOf(row), worded: Number(row.worded), stretches: row.stretches }
}

/**
 * Words are made only of entries whose text has what is asked for, and only until the page is full: the newest come
 * first. Making them takes ten times as long as looking.
 */
async function findAmongYoung({ runner, search, words, worded, horizon }: Asked): Promise<Row[]> {
  return await readRows(runner, (bind) => {
    const where = conditionsOf(search, bind)
    const order = `order by time desc, seq desc limit ${bind(search.limit + 1)}`
    // JSON writes a control character in another way.
    const texts = bind(words.flatMap(({ text }) => (/\p{Cc}/u.test(text) ? [] : text)))
    const [query, after] = [bind(wordsQuery(words)), bind(worded)]
    const has = (entry: string) =>
      `case when not exists (select from unnest(${texts}::text[]) word where strpos(lower(${entry}), word) = 0)
        then audit_words(audit_fields(${entry})) @@ ${query}::tsquery else false end`
    return `(select ${FOUND} from (${pendingEvents(horizon, has('e.entry'))}) pending where ${where} ${order})
      union all (select ${FOUND} from (
        select ${FOUND} from audit_leaves where ${where} and index > ${after}::bigint order by time desc, seq desc offset 0
      ) l
        cross join lateral (select coalesce(
          (select entry from audit_events e where e.xid = l.xid and e.seq = l.seq), audit_warm_entry(l.index)) as entry offset 0) e
        where ${has('entry')} ${order})
      ${order}`
  })
}

/**
 * In which stretches, from the newest on, the first page of hits is; `rest` is what lies behind them. Ends with the
 * page: so a frequent word is not looked up in the whole log, and a rare one costs a look at the index for each stretch.
 */
async function placesOfHits(asked: Asked, stretches: Stretch[]): Promise<Record<'next' | 'rest', Stretch[]>> {
  const most = asked.search.limit + 1
  const values: unknown[] = []
  const bind: Bind = (value) => `$${values.push(value)}`
  const rows = await runSql<{ place: number }>(
    asked.runner,
    `select asked.place from ${hitsOf(asked, stretches, bind, `limit ${bind(most)}`)} limit ${most}`,
    values,
  )
  const places = [...new Set(rows.map(({ place }) => Number(place) - 1))]
  const passed = rows.length < most ? stretches.length : Math.max(...places) + 1
  return { next: places.flatMap((place) => stretches[place] ?? []), rest: stretches.slice(passed) }
}

async function findInStretches(asked: Asked, stretches: Stretch[]): Promise<Row[]> {
  const limit = `limit ${asked.search.limit + 1}`
  return await readRows(
    asked.runner,
    (bind) =>
      `select ${FOUND} from ${hitsOf(asked, stretches, bind, `order by l.time desc, l.seq desc ${limit}`)}
      order by time desc, seq desc ${limit}`,
  )
}

/**
 * The leaves with the words in each of the stretches. `offset 0` keeps PostgreSQL, which can't tell how many events have
 * a word, from reading every leaf for a few.
 */
function hitsOf({ search, words, worded }: Asked, stretches: Stretch[], bind: Bind, page: string): string {
  const wanted = [...words, ...columnWords(search)]
  return `${placesOf(wanted, stretches, bind)} as asked (words, place)
    cross join lateral (select l.* from audit_search s
      cross join lateral (select ${FOUND} from audit_leaves where index = s.index and ${conditionsOf(search, bind)} offset 0) l
      where audit_placed_words(s.index, s.words) @@ asked.words and s.index <= ${bind(worded)}::bigint ${page}) found`
}

/**
 * What the index is asked for in each stretch. A short beginning stands for thousands of words, and the index collects
 * all of them before it looks at another one: so it is asked for only where the longest word is.
 */
function placesOf(words: Word[], stretches: Stretch[], bind: Bind): string {
  const asks = (all: Word[]) => `${bind(stretches.map(({ n }) => wordsQuery(all, n)))}::tsquery[]`
  const [longest] = words.toSorted((one, other) => other.text.length - one.text.length)
  const short = words.find(({ text, isBeginning }) => isBeginning && text.length < SHORT)
  if (!short || !longest || longest.text.length <= short.text.length)
    return `unnest(${asks(words)}) with ordinality`
  return `(select words, place from unnest(${asks(words)}, ${asks([longest])}) with ordinality as asked (words, first, place)
    where exists (select from audit_search s where audit_placed_words(s.index, s.words) @@ first) offset 0)`
}

/** Conditions on columns that are conditions on words too: so the index leaves out what else would be looked at. */
function columnWords({ action, outcome, actor, target, share }: EventSearch): Word[] {
  const values = [outcome, actor, target, share, action?.endsWith('.') ? undefined : action]
  const whole = values.flatMap((value) => (value === undefined ? [] : wordsOfValue(value)))
  const area = action?.endsWith('.')
    ? wordsOfValue(action).map(({ text }) => ({ text, isBeginning: true }))
    : []
  return [...whole, ...area]
}
