import type { PoolClient } from 'pg'
import { entriesOf, type RangeRow, readRanges, type Seal } from './archive/range-rows.ts'
import type { RangeEntries } from './archive/segment-bytes.ts'
import type { SegmentStore } from './archive/segment-store.ts'
import { HASH_BYTES } from './merkle.ts'
import { TILE_WIDTH, tileKey } from './tiles.ts'
import { readTiles } from './tree-store.ts'

/** An event as it is stored, with its place and search columns if it has them. */
export type StoredLeaf = {
  index: number | null
  /** Order of recording; null where the entry left the hot tier and its columns are gone. */
  seq: number | null
  /** null where its text was removed by a seal, or where the archive can't give it. */
  entry: string | null
  leafHash: Buffer | null
  /** Search columns, in the order of LEAF_COLUMNS. */
  columns: (string | null)[]
  /** With the first leaf of a range: what was removed from that range. */
  seals?: Seal[]
}

export const LEAF_COLUMNS = [
  'event_id',
  'time',
  'action',
  'outcome',
  'actor',
  'target_type',
  'target_id',
  'share_id',
] as const

/** Ranges at a time. */
const RANGES = 4
const PAGE = 1000

/** Called where the archive can't give a range; without it, reading ends with the error. */
export type OnLost = (range: RangeRow, error: Error) => void

/**
 * All leaves of the tree in their order, from every tier, a few ranges at a time; the caller's transaction keeps them
 * one state. A leaf of which nothing at all is stored is left out.
 */
export async function* readLeaves(
  client: PoolClient,
  segments: SegmentStore,
  onLost?: OnLost,
): AsyncGenerator<StoredLeaf> {
  const { rows } = await client.query<{ end: number }>(
    `select greatest((select max(index) from audit_leaves), (select max(n) * ${TILE_WIDTH} + ${TILE_WIDTH - 1} from audit_ranges)) as end`,
  )
  const last = rows[0]?.end === null || rows[0] === undefined ? -1 : Number(rows[0].end)
  for (let n = 0; n * TILE_WIDTH <= last; n += RANGES) yield* readPage(client, segments, n, onLost)
}

async function* readPage(
  client: PoolClient,
  segments: SegmentStore,
  n: number,
  onLost?: OnLost,
): AsyncGenerator<StoredLeaf> {
  const ranges = await readRanges(client, n, n + RANGES)
  const texts = await Promise.all(ranges.map((range) => textOf(segments, range, onLost)))
  const hashes = await readTiles(
    client,
    ranges.map((range) => ({ level: 0, n: range.n })),
  )
  const kept = new Map(ranges.map((range, at) => [range.n, { range, texts: texts[at]! }]))
  const rows = await readRows(client, n * TILE_WIDTH, (n + RANGES) * TILE_WIDTH)
  for (let index = n * TILE_WIDTH; index < (n + RANGES) * TILE_WIDTH; index += 1) {
    const row = rows.get(index)
    const found = kept.get(Math.floor(index / TILE_WIDTH))
    if (!row && !found) continue
    const place = index % TILE_WIDTH
    const tile = found && hashes.get(tileKey({ level: 0, n: found.range.n }))
    const leaf: StoredLeaf = {
      index,
      seq: row ? Number(row.seq) : null,
      // What still stands in the hot tier is what a search finds: it is what has to be proven.
      entry: row?.entry ?? found?.texts[place] ?? null,
      leafHash: row?.leaf_hash ?? tile?.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES) ?? null,
      columns: row ? LEAF_COLUMNS.map((name) => row[name]) : [],
    }
    yield place === 0 && found?.range.seals.length ? { ...leaf, seals: found.range.seals } : leaf
  }
}

async function textOf(segments: SegmentStore, range: RangeRow, onLost?: OnLost): Promise<RangeEntries> {
  try {
    return await entriesOf(segments, range)
  } catch (error) {
    if (!onLost) throw error
    onLost(range, error as Error)
    return []
  }
}

type LeafRow = { [column in (typeof LEAF_COLUMNS)[number]]: string | null } & {
  index: number
  seq: number
  entry: string | null
  leaf_hash: Buffer | null
}

async function readRows(client: PoolClient, from: number, to: number): Promise<Map<number, LeafRow>> {
  const { rows } = await client.query<LeafRow>(
    `select l.index, l.seq, e.entry, e.leaf_hash, l.event_id,
        to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time,
        l.action, l.outcome, l.actor, l.target_type, l.target_id, l.share_id
      from audit_leaves l left join audit_events e on e.xid = l.xid and e.seq = l.seq
      where l.index >= $1 and l.index < $2`,
    [from, to],
  )
  return new Map(rows.map((row) => [Number(row.index), row]))
}

/** Every event without a place in the tree, in the order of insertion, whatever the sequencer thinks of it. */
export async function* readUnplaced(client: PoolClient): AsyncGenerator<StoredLeaf> {
  const { rows } = await client.query(
    `select e.seq, e.entry, e.leaf_hash from audit_events e
      where not exists (select from audit_leaves l where l.seq = e.seq) order by e.seq`,
  )
  for (const row of rows) {
    yield { index: null, seq: Number(row.seq), entry: row.entry, leafHash: row.leaf_hash, columns: [] }
  }
}

export type ListedCheckpoint = { size: number; ordinal: number; root: Buffer; note: string }

/** Every stored checkpoint by size. */
export async function* readCheckpoints(client: PoolClient): AsyncGenerator<ListedCheckpoint> {
  for (let after = -1; ; ) {
    const { rows } = await client.query(
      `select size, ordinal, root, note from audit_checkpoints where size > $1 order by size limit ${PAGE}`,
      [after],
    )
    for (const { size, ordinal, root, note } of rows) {
      yield { size: Number(size), ordinal: Number(ordinal), root, note }
    }
    if (rows.length < PAGE) return
    after = Number(rows.at(-1).size)
  }
}
