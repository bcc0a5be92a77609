import { entriesOf, readRange } from './archive/range-rows.ts'
import type { SegmentStore } from './archive/segment-store.ts'
import { cosignedCheckpoint, type WitnessPolicy } from './cosigned.ts'
import { HASH_BYTES } from './merkle.ts'
import { runSql, type SqlRunner } from './sql-runner.ts'
import { encodeBundle, parseTilePath, type TilePath } from './tile-path.ts'
import { TILE_WIDTH, tileKey } from './tiles.ts'
import { readTiles } from './tree-store.ts'

export type LogResource = { body: Buffer; contentType: string; isImmutable: boolean }

/**
 * One resource of the log as C2SP tlog-tiles serves it: `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
 * `tile/entries/<N>[.p/<W>]`; null where the log has no such resource.
 */
export async function readLogResource(
  runner: SqlRunner,
  path: string,
  { policy, clock, segments }: { policy: WitnessPolicy; clock: () => Date; segments: SegmentStore },
): Promise<LogResource | null> {
  if (path === 'checkpoint') {
    const latest = await cosignedCheckpoint(runner, policy, clock())
    return (
      latest && {
        body: Buffer.from(latest.note),
        contentType: 'text/plain; charset=utf-8',
        isImmutable: false,
      }
    )
  }
  const tile = parseTilePath(path)
  const body =
    tile &&
    (tile.level === 'entries' ? await readBundle(runner, segments, tile) : await readTile(runner, tile))
  return body && { body, contentType: 'application/octet-stream', isImmutable: true }
}

async function readTile(runner: SqlRunner, { level, n, width }: TilePath): Promise<Buffer | null> {
  const id = { level: Number(level), n }
  if (id.level > 7) return null
  const bytes = (await readTiles(runner, [id])).get(tileKey(id))
  return bytes && bytes.length >= width * HASH_BYTES ? bytes.subarray(0, width * HASH_BYTES) : null
}

/** From whichever tier the range lies in; a range that lacks entries has no bundle any more. */
async function readBundle(
  runner: SqlRunner,
  segments: SegmentStore,
  { n, width }: TilePath,
): Promise<Buffer | null> {
  const range = await readRange(runner, n)
  if (range) {
    const entries = (await entriesOf(segments, range)).slice(0, width)
    const whole = entries.flatMap((entry) => (entry === null ? [] : [Buffer.from(entry)]))
    return whole.length === width ? encodeBundle(whole) : null
  }
  const rows = await runSql<{ entry: string }>(
    runner,
    `select e.entry from audit_leaves l join audit_events e on e.xid = l.xid and e.seq = l.seq
      where l.index >= $1 and l.index < $2 order by l.index`,
    [n * TILE_WIDTH, n * TILE_WIDTH + width],
  )
  return rows.length === width ? encodeBundle(rows.map(({ entry }) => Buffer.from(entry))) : null
}
