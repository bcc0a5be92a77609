import { and, type SQL, sql } from 'drizzle-orm'
import { decodeCursor, encodeCursor } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { ShareSort } from './rules.ts'
import { endsDay, type Standing, standing } from './share-state.ts'
import { shares } from './tables.ts'

export type ShareOrder = { sort: ShareSort; direction: 'asc' | 'desc' }

/** What is looked for; every part holds of each share that is found. */
export type ShareQuest = {
  /** Everything asked, whichever way it is found. */
  filters: SQL[]
  /** A select of the rows that one of the filters leaves, by its index: tried first, for they may be few. */
  narrow: ((most: number) => SQL) | null
  /** What is known of the expiry: where the order goes by it, pages begin there. */
  expiry: SQL | undefined
  standings: readonly Standing[]
  /** Days (UTC) on which it ended or will end; null: any. */
  days: { from: Date | null; to: Date | null }
}

/** IDs of one page and the cursor of the next. */
export type FoundPage = { ids: string[]; nextCursor: string | null }

type Row = { id: string; key: number }
type Search = {
  db: Tx
  quest: ShareQuest
  order: ShareOrder
  after: SQL | undefined
  limit: number
  budget: Budget
}

/** So many rows are sorted at once, and so many are looked through for a page, before another way is tried. */
export type Budget = { few: number; look: number; many: number }
const BUDGET: Budget = { few: 1500, look: 4000, many: 50_000 }
/** Of each day at first. */
const HEADS = 4
const ALL = 2_000_000_000

const COLUMNS: Record<ShareSort, SQL> = {
  created: sql`${shares.createdAt}`,
  expires: sql`${shares.expiresAt}`,
  // Never used comes before the first use.
  used: sql`coalesce(${shares.lastUsedAt}, '-infinity')`,
  views: sql`${shares.viewsUsed}`,
}

/**
 * One page of shares in a given order, by whichever of three ways costs least: what a narrow filter leaves is sorted;
 * else the shares are looked through in order, for as long as a page should take; else the page is merged from the
 * first ones of each day on which shares end. Each gives the same page.
 */
export async function findSharePage(
  db: Tx,
  quest: ShareQuest,
  order: ShareOrder,
  cursor: string | undefined,
  limit: number,
  budget: Budget = BUDGET,
): Promise<FoundPage> {
  const search: Search = { db, quest, order, after: placeAfter(order, cursor), limit: limit + 1, budget }
  const begin = beginOf(search)
  const rows =
    (begin && ((await sortOnSpot(search, budget.few)) ?? (await lookThrough(search, begin)))) ??
    (await sortOnSpot(search, budget.many)) ??
    (await mergeDays(search))
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    ids: page.map(({ id }) => id),
    nextCursor: rows.length > limit && last ? cursorOf(order, last) : null,
  }
}

/** Null where no filter is narrow, or it leaves more than so many. */
async function sortOnSpot({ db, quest, order, after, limit }: Search, most: number): Promise<Row[] | null> {
  if (!quest.narrow) return null
  const { rows } = await db.execute<{ looked: number; ids: string[] | null; keys: number[] | null }>(sql`
    with near as materialized (
      select ${shares.id} as id, ${COLUMNS[order.sort]} as place, ${keyOf(order)} as key,
        ${and(...quest.filters, after) ?? sql`true`} as wanted
      from (${quest.narrow(most + 1)}) as shares limit ${most + 1}),
    page as (
      select distinct on (place, id) id, key from near
      where wanted order by ${orderBy(order, sql.raw('place'), sql.raw('id'))} limit ${limit})
    select (select count(*)::int from near) as looked, array_agg(id) as ids, array_agg(key) as keys from page`)
  const [found] = rows
  if (!found || found.looked > most) return null
  return (found.ids ?? []).map((id, n) => ({ id, key: found.keys?.[n] ?? 0 }))
}

/** Where in its order a look through the shares begins; null where it would pass too many for a page. */
function beginOf({ quest, order }: Search): { from: SQL | undefined } | null {
  // Oldest or soonest first begins among what ended long ago, and states that are rare are better found by their days.
  const from = order.sort === 'expires' ? quest.expiry : undefined
  const far = order.direction === 'asc' || order.sort === 'expires' || order.sort === 'views'
  const rare = !quest.standings.includes('open') && !quest.standings.includes('revoked')
  return rare || (far && quest.days.from && !from) ? null : { from }
}

/** Null where so many rows hold less than a page. */
async function lookThrough(
  { db, quest, order, after, limit, budget }: Search,
  { from }: { from: SQL | undefined },
): Promise<Row[] | null> {
  const { rows } = await db.execute<Row>(sql`
    select ${shares.id} as id, ${keyOf(order)} as key from (${inOrder(order, and(from, after), budget.look)}) as shares
    where ${and(...quest.filters)} order by ${orderBy(order)} limit ${limit}`)
  return rows.length === limit ? rows : null
}

/**
 * Finds every page there is, whatever the filters: the first few of each day tell which days the page may come from,
 * and those alone are read on.
 */
async function mergeDays({ db, quest, order, after, limit }: Search): Promise<Row[]> {
  const ofDay = (beyond: SQL | undefined, most: number) => sql`
    select ${shares.id} as id, ${COLUMNS[order.sort]} as place, ${keyOf(order)} as key
    from (${inOrder(order, and(sql`${standing} = days.standing`, sql`${endsDay} = days.day`, beyond), ALL)}) as shares
    where ${and(...quest.filters)} limit ${most}`
  const place = (of: string) => [sql.raw(`${of}.place`), sql.raw(`${of}.id`)] as const
  const better = sql.raw(order.direction === 'asc' ? '<' : '>')
  const { rows } = await db.execute<Row>(sql`
    with recursive ${daysOf(quest)},
    heads as materialized (
      select days.standing, days.day, head.*
      from days cross join lateral (
        select head.*, row_number() over (order by ${orderBy(order, ...place('head'))}) as nth
        from (${ofDay(after, HEADS)}) as head) as head where days.day is not null),
    bar as (select place, id from heads order by ${orderBy(order, ...place('heads'))} offset ${limit - 1} limit 1),
    days_on as materialized (
      select heads.* from heads left join bar on true
      where heads.nth = ${HEADS} and (bar.id is null or (heads.place, heads.id) ${better} (bar.place, bar.id))),
    page as (
      select id, place, key from heads
      union all
      select more.* from days_on as days cross join lateral (${ofDay(
        sql`(${COLUMNS[order.sort]}, ${shares.id}) ${beyondIn(order)} (days.place, days.id)`,
        limit,
      )}) as more)
    select id, key from page order by ${orderBy(order, ...place('page'))} limit ${limit}`)
  return rows
}

/** The days on which shares of these standings end, each found from the one before it by the index. */
function daysOf({ standings, days: { from, to } }: ShareQuest): SQL {
  const within = and(
    from ? sql`${endsDay} >= ${dayOf(from)}::date` : undefined,
    to ? sql`${endsDay} <= ${dayOf(to)}::date` : undefined,
  )
  const next = (of: SQL, more?: SQL) =>
    sql`(select min(${endsDay}) from shares where ${and(sql`${standing} = ${of}`, within, more)})`
  const wanted = sql.join(
    standings.map((name) => sql`${name}`),
    sql`, `,
  )
  return sql`days (standing, day) as (
    select wanted, ${next(sql`wanted`)} from unnest(array[${wanted}]) as wanted
    union all
    select days.standing, ${next(sql`days.standing`, sql`${endsDay} > days.day`)} from days where days.day is not null)`
}

/** Rows straight from the index of this order: the limit keeps the planner from sorting what another index finds. */
const inOrder = (order: ShareOrder, where: SQL | undefined, most: number) =>
  sql`select shares.* from shares ${where ? sql`where ${where}` : sql``} order by ${orderBy(order)} limit ${most}`

const dayOf = (date: Date) => date.toISOString().slice(0, 10)
const word = ({ direction }: ShareOrder) => sql.raw(direction)

function orderBy(order: ShareOrder, column: SQL = COLUMNS[order.sort], id: SQL = sql`${shares.id}`): SQL {
  return sql`${column} ${word(order)}, ${id} ${word(order)}`
}

/** Where a row stands in its order, as a number that a cursor can carry to the microsecond. */
function keyOf({ sort }: ShareOrder): SQL {
  return sort === 'views'
    ? sql`${shares.viewsUsed}::float8`
    : sql`extract(epoch from ${COLUMNS[sort]})::float8`
}

const nameOf = ({ sort, direction }: ShareOrder) => `${sort}.${direction}`

// JSON has no infinity: null is what was never used.
const cursorOf = (order: ShareOrder, { key, id }: Row) =>
  encodeCursor(Number.isFinite(key) ? key : null, `${nameOf(order)} ${id}`)

/** @throws AppError invalid for a cursor of another order, or none of ours */
function placeAfter(order: ShareOrder, cursor: string | undefined): SQL | undefined {
  if (!cursor) return undefined
  const { at, id: place } = decodeCursor(cursor)
  const [name, id] = place.split(' ')
  const key = at ?? Number.NEGATIVE_INFINITY
  if (name !== nameOf(order) || !id || typeof key !== 'number' || Math.abs(key) > 1e11 !== (at === null))
    throw new AppError('invalid', 'The cursor belongs to another list. Start from the first page.')
  const value = order.sort === 'views' ? sql`${Math.trunc(key)}::bigint` : sql`to_timestamp(${key}::float8)`
  return sql`(${COLUMNS[order.sort]}, ${shares.id}) ${beyondIn(order)} (${value}, ${id})`
}

const beyondIn = ({ direction }: ShareOrder) => sql.raw(direction === 'asc' ? '>' : '<')
