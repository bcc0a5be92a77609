import type { PoolClient } from 'pg'

/** An event as it is stored, with its place and search columns if it has them. */
export type StoredLeaf = {
  index: number | null
  seq: number
  entry: string | null
  leafHash: Buffer | null
  /** Search columns, in the order of LEAF_COLUMNS. */
  columns: (string | null)[]
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

const PAGE = 1000

/** All leaves of the tree in their order, a page at a time; the caller's transaction keeps them one state. */
export async function* readLeaves(client: PoolClient): AsyncGenerator<StoredLeaf> {
  for (let after = -1; ; ) {
    const { rows } = await client.query(
      `select l.index, l.seq, e.entry, e.leaf_hash, l.event_id,
        to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time,
        l.action, l.outcome, l.actor, l.target_type, l.target_id, l.share_id
      from audit_leaves l left join audit_events e on e.xid = l.xid and e.seq = l.seq
      where l.index > $1 order by l.index limit ${PAGE}`,
      [after],
    )
    for (const row of rows) {
      const columns = LEAF_COLUMNS.map((name) => row[name] as string | null)
      yield {
        index: Number(row.index),
        seq: Number(row.seq),
        entry: row.entry,
        leafHash: row.leaf_hash,
        columns,
      }
    }
    if (rows.length < PAGE) return
    after = Number(rows.at(-1).index)
  }
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
