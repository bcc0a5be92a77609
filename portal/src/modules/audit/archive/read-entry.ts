import { runSql, type SqlRunner } from '../sql-runner.ts'
import { TILE_WIDTH } from '../tiles.ts'
import { entriesOf, readRange } from './range-rows.ts'
import type { SegmentStore } from './segment-store.ts'

/**
 * Text of the leaf at an index, from whichever tier it lies in; null where it was removed or never was.
 * @throws Error where the archive can't give it
 */
export async function readEntry(
  runner: SqlRunner,
  segments: SegmentStore,
  index: number,
): Promise<string | null> {
  const [hot] = await runSql<{ entry: string }>(
    runner,
    `select e.entry from audit_leaves l join audit_events e on e.xid = l.xid and e.seq = l.seq where l.index = $1`,
    [index],
  )
  if (hot) return hot.entry
  const range = await readRange(runner, Math.floor(index / TILE_WIDTH))
  return range ? ((await entriesOf(segments, range))[index % TILE_WIDTH] ?? null) : null
}
