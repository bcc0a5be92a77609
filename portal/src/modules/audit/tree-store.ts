import { type LeafRange, type NodeSource, rootAt } from './merkle.ts'
import type { Horizon } from './pending.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import { nodesFromTiles, rightEdge, type TileId, tileKey, tilesFor } from './tiles.ts'

/** State of the tree; `batch` counts the sequencer's transactions. */
export type Head = { batch: number; size: number; horizon: Horizon }
export type StoredCheckpoint = { size: number; root: Buffer; note: string; signedAt: Date }

/** How `audit_head` tells the horizon; read by horizonOf. */
export const HORIZON = `horizon::text as xid,
  cluster <> (select system_identifier from pg_control_system()) as is_foreign`
export type HorizonRow = { xid: string; is_foreign: boolean }
export const horizonOf = ({ xid, is_foreign }: HorizonRow): Horizon => ({ xid, isForeign: is_foreign })

/** The head of the tree; with `lock` the row stays locked until the transaction ends. */
export async function readHead(runner: SqlRunner, lock: '' | 'for update' = ''): Promise<Head> {
  const [row] = await runSql<{ batch: number; size: number } & HorizonRow>(
    runner,
    `select batch, size, ${HORIZON} from audit_head ${lock}`,
    [],
  )
  if (!row) throw new Error('audit_head is empty: the log has lost its head')
  return {
    batch: Number(row.batch),
    size: Number(row.size),
    horizon: horizonOf(row),
  }
}

/** Tiles by key; those that do not exist are left out. */
export async function readTiles(runner: SqlRunner, ids: TileId[]): Promise<Map<string, Buffer>> {
  const rows = await runSql<{ level: number; n: number; hashes: Buffer }>(
    runner,
    `select t.level, t.n, t.hashes from audit_tiles t
      join unnest($1::smallint[], $2::bigint[]) as wanted (level, n) using (level, n)`,
    [ids.map(({ level }) => level), ids.map(({ n }) => n)],
    'audit-tiles',
  )
  return new Map(rows.map(({ level, n, hashes }) => [tileKey({ level, n: Number(n) }), hashes]))
}

/** Hashes over these ranges, from one query. */
export async function nodesFor(runner: SqlRunner, ranges: LeafRange[]): Promise<NodeSource> {
  return nodesFromTiles(await readTiles(runner, tilesFor(ranges)))
}

/** Root of the first `size` leaves, from the stored tiles. */
export async function readRoot(runner: SqlRunner, size: number): Promise<Buffer> {
  return rootAt(size, await nodesFor(runner, [{ start: 0, end: size }]))
}

/** The tiles that the next leaves will grow. */
export async function readRightEdge(runner: SqlRunner, size: number): Promise<Map<string, Buffer>> {
  return readTiles(runner, rightEdge(size))
}

export async function writeTiles(runner: SqlRunner, tiles: { id: TileId; bytes: Buffer }[]): Promise<void> {
  await runSql(
    runner,
    `insert into audit_tiles (level, n, hashes) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
      on conflict (level, n) do update set hashes = excluded.hashes`,
    [tiles.map(({ id }) => id.level), tiles.map(({ id }) => id.n), tiles.map(({ bytes }) => bytes)],
  )
}

/** The newest checkpoint, or null before the first. */
export async function readCheckpoint(runner: SqlRunner): Promise<StoredCheckpoint | null> {
  const [row] = await runSql<{ size: number; root: Buffer; note: string; signed_at: string | Date }>(
    runner,
    'select size, root, note, signed_at from audit_checkpoints order by size desc limit 1',
    [],
  )
  return row
    ? { size: Number(row.size), root: row.root, note: row.note, signedAt: new Date(row.signed_at) }
    : null
}

/** Adds a checkpoint under the next number; the caller leads the log. */
export async function writeCheckpoint(runner: SqlRunner, checkpoint: StoredCheckpoint): Promise<void> {
  const { size, root, note, signedAt } = checkpoint
  await runSql(
    runner,
    `insert into audit_checkpoints (size, ordinal, root, note, signed_at)
      select $1, coalesce(max(ordinal), 0) + 1, $2, $3, $4 from audit_checkpoints`,
    [size, root, note, signedAt],
  )
}
