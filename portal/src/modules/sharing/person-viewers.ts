import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { ErasedPerson } from '#portal/platform/erasure.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { personHash } from './bar-viewer.ts'

/** Keyed hashes of the person's addresses, as a PostgreSQL array. */
export function hashesOf(keys: Keys, { addresses }: ErasedPerson): SQL {
  return sql`${sql.param(addresses.map((address) => personHash(keys, address)))}::bytea[]`
}

/** `asked (who, address, hash)` and `accounts (who, id)`: what each of them is known by; `who` is a place in the list. */
function askedPeople(keys: Keys, people: readonly ErasedPerson[]): SQL {
  const asked = people.flatMap(({ addresses }, who) => addresses.map((address) => ({ who, address })))
  const accounts = people.flatMap(({ userId }, who) => (userId === null ? [] : [{ who, userId }]))
  const hashes = asked.map(({ address }) => personHash(keys, address))
  return sql`asked (who, address, hash) as (select * from unnest(
      ${sql.param(asked.map(({ who }) => who))}::int[], ${sql.param(asked.map(({ address }) => address))}::text[],
      ${sql.param(hashes)}::bytea[]
    )), accounts (who, id) as (select * from unnest(
      ${sql.param(accounts.map(({ who }) => who))}::int[], ${sql.param(accounts.map(({ userId }) => userId))}::text[]
    ))`
}

/**
 * `visits (who, id)`: every viewer session that leads to one of them: by address, by account, and those of a browser in
 * which they proved themselves. Somebody else's browser in which their address was only typed counts by its address alone.
 */
const VISITS = sql.raw(`theirs as materialized (
    select who, v.id, cookie_hash, past_cookie_hash, email_verified_at
      from viewer_sessions v join asked on v.email_hash = asked.hash
    union select who, v.id, cookie_hash, past_cookie_hash, email_verified_at
      from viewer_sessions v join accounts on v.user_id = accounts.id
  ), browsers as (
    select who, cookie_hash as hash from theirs where email_verified_at is not null
    union select who, past_cookie_hash from theirs where email_verified_at is not null and past_cookie_hash is not null
  ), visits as (
    select who, id from theirs
    union select who, v.id from viewer_sessions v join browsers on v.cookie_hash = browsers.hash
    union select who, v.id from viewer_sessions v join browsers on v.past_cookie_hash = browsers.hash
  )`)

/** IDs of every viewer session that leads to the person. */
export async function viewersOf(tx: Tx, keys: Keys, person: ErasedPerson): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`with ${askedPeople(keys, [person])}, ${VISITS} select id from visits order by id`,
  )
  return rows.map(({ id }) => id)
}

/** Of each: their visits; bars that name them, and links that keep them out by name: both end with an erasure. */
export async function countPeopleInShares(
  tx: Tx,
  keys: Keys,
  people: readonly ErasedPerson[],
): Promise<{ visits: number; bars: number; denied: number }[]> {
  if (people.length === 0) return []
  const { rows } = await tx.execute<{ visits: number; bars: number; denied: number }>(sql`
    with ${askedPeople(keys, people)}, ${VISITS}, visited as (
      select who, count(*)::int as visits from visits group by who
    ), barred as (
      select who, count(*)::int as bars from asked join viewer_bars on email_hash = hash where lifted_at is null group by who
    ), kept_out as (
      select who, count(distinct shares.id)::int as denied
      from shares cross join unnest(deny) as named (address) join asked using (address) where revoked_at is null group by who
    )
    select coalesce(visits, 0) as visits, coalesce(bars, 0) as bars, coalesce(denied, 0) as denied
    from generate_series(0, ${people.length - 1}::int) who
      left join visited using (who) left join barred using (who) left join kept_out using (who)
    order by who`)
  return rows
}
