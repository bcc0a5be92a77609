import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { ErasedPerson } from '#portal/platform/erasure.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { personHash } from './bar-viewer.ts'

/** Keyed hashes of the person's addresses, as a PostgreSQL array. */
export function hashesOf(keys: Keys, { addresses }: ErasedPerson): SQL {
  return sql`${sql.param(addresses.map((address) => personHash(keys, address)))}::bytea[]`
}

/**
 * IDs of every viewer session that leads to the person: by address, by account, and those of a browser in which they
 * proved themselves. Somebody else's browser in which their address was only typed counts by its address alone.
 */
export async function viewersOf(tx: Tx, keys: Keys, person: ErasedPerson): Promise<string[]> {
  const hashes = hashesOf(keys, person)
  const { rows } = await tx.execute<{ id: string }>(sql`
    with theirs as materialized (
      select id, cookie_hash, past_cookie_hash, email_verified_at from viewer_sessions
      where email_hash = any(${hashes}) or user_id = ${person.userId}
    ), browsers as (
      select cookie_hash as hash from theirs where email_verified_at is not null
      union select past_cookie_hash from theirs where email_verified_at is not null and past_cookie_hash is not null
    )
    select id from theirs
    union select id from viewer_sessions where cookie_hash in (select hash from browsers)
    union select id from viewer_sessions where past_cookie_hash in (select hash from browsers)
    order by id`)
  return rows.map(({ id }) => id)
}

/** Bars that name the person, and links that keep them out by name: both end with an erasure. */
export async function countPersonInShares(
  tx: Tx,
  keys: Keys,
  person: ErasedPerson,
): Promise<{ bars: number; denied: number }> {
  const { rows } = await tx.execute<{ bars: number; denied: number }>(sql`select
    (select count(*)::int from viewer_bars where email_hash = any(${hashesOf(keys, person)}) and lifted_at is null) as bars,
    (select count(*)::int from shares where deny && ${sql.param(person.addresses)}::text[] and revoked_at is null) as denied`)
  return rows[0] ?? { bars: 0, denied: 0 }
}
