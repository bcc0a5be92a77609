import type { Pool, PoolClient } from 'pg'
import { hashLeaf } from '../merkle.ts'
import { inTransaction } from '../sql-runner.ts'
import { TILE_WIDTH, tileKey, tileRoot } from '../tiles.ts'
import { readTiles } from '../tree-store.ts'
import { isPlayback } from './kept-days.ts'
import { leavesOf } from './range-rows.ts'

/** A range whose stored text is not what the tree says: nothing of it may be moved or removed before somebody looked. */
export class RangeFault extends Error {
  readonly code = 'range_fault'
}

/**
 * The next range that is whole, signed, and older than `before` in each of its events; null where there is none.
 * Ranges leave the hot tier in their order.
 */
export async function nextCold(pool: Pool, before: Date): Promise<number | null> {
  const { rows } = await pool.query<{ n: number }>(
    `with next as (select coalesce((select max(n) + 1 from audit_ranges), 0) as n)
    select next.n from next
    where (next.n + 1) * ${TILE_WIDTH} <= coalesce((select max(size) from audit_checkpoints), 0)
      and not exists (select from audit_leaves where index >= next.n * ${TILE_WIDTH}
        and index < (next.n + 1) * ${TILE_WIDTH} and time >= $1)`,
    [before],
  )
  return rows[0] ? Number(rows[0].n) : null
}

type HotRow = { entry: string | null; time: string; action: string | null }

/**
 * Moves a range's text into one compressed row, in one transaction; its search columns stay where they are.
 * @throws RangeFault where the text is not what the tree says; then nothing is moved
 */
export async function moveWarm(pool: Pool, n: number, now: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { from, to } = leavesOf(n)
    const { rows } = await client.query<HotRow>(
      `select e.entry, l.action, to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time
      from audit_leaves l left join audit_events e on e.xid = l.xid and e.seq = l.seq
      where l.index >= $1 and l.index < $2 order by l.index`,
      [from, to],
    )
    const entries = rows.map(({ entry }) => entry)
    const root = await provenRoot(client, n, entries)
    const times = rows.map(({ time }) => time).sort()
    const playback = rows
      .filter(({ action }) => isPlayback(action))
      .map(({ time }) => time)
      .sort()
    await client.query(
      `insert into audit_ranges (n, root, oldest, newest, playback_newest, tier, kept, entries, warm_at)
      values ($1, $2, $3, $4, $5, 'warm', ${TILE_WIDTH}, $6, $7)`,
      [n, root, times[0], times.at(-1), playback.at(-1) ?? null, entries, now],
    )
    const gone = await client.query(
      `delete from audit_events e using audit_leaves l
      where l.index >= $1 and l.index < $2 and e.xid = l.xid and e.seq = l.seq`,
      [from, to],
    )
    if (gone.rowCount !== TILE_WIDTH)
      throw new RangeFault(`${gone.rowCount} entries of range ${n} were there`)
  })
}

/**
 * Root of a range whose text is, entry by entry, what the tree took in. Removed entries are proven by nothing but
 * their hash in the tree, which stays.
 * @throws RangeFault
 */
export async function provenRoot(
  client: Pick<PoolClient, 'query'>,
  n: number,
  entries: (string | null)[],
  removed: 'allowed' | 'none' = 'none',
): Promise<Buffer> {
  const level1 = Math.floor(n / TILE_WIDTH)
  const tiles = await readTiles(client as PoolClient, [
    { level: 0, n },
    { level: 1, n: level1 },
  ])
  const leaves = tiles.get(tileKey({ level: 0, n }))
  const above = tiles.get(tileKey({ level: 1, n: level1 }))
  if (leaves?.length !== TILE_WIDTH * 32) throw new RangeFault(`the tree has no whole range ${n}`)
  if (entries.length !== TILE_WIDTH) throw new RangeFault(`range ${n} has ${entries.length} entries`)
  for (const [place, entry] of entries.entries()) {
    const hash = leaves.subarray(place * 32, (place + 1) * 32)
    const isProven = entry === null ? removed === 'allowed' : hashLeaf(entry).equals(hash)
    if (!isProven) throw new RangeFault(`entry ${n * TILE_WIDTH + place} is not what the tree says`)
  }
  const root = tileRoot(leaves)
  const at = (n % TILE_WIDTH) * 32
  if (!above?.subarray(at, at + 32).equals(root))
    throw new RangeFault(`the tree contradicts itself at range ${n}`)
  return root
}
