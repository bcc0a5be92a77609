import { runSql, type SqlRunner } from '../sql-runner.ts'
import { TILE_WIDTH } from '../tiles.ts'
import type { RangeEntries } from './segment-bytes.ts'
import type { SegmentObject, SegmentStore } from './segment-store.ts'

export type SealRule = 'playback' | 'age'

/** What was removed from a range, and when; an event `audit.seal` of the log says the same. */
export type Seal = { from: number; to: number; reason: string; sealedAt: string; removed: number }

/** A range that left the hot tier. */
export type RangeRow = {
  n: number
  root: Buffer
  tier: 'warm' | 'archive' | 'purged'
  kept: number
  entries: RangeEntries | null
  object: SegmentObject | null
  oldest: Date
  newest: Date
  playbackNewest: Date | null
  seals: Seal[]
}

/** Said in seals, exports and events. */
export const SEAL_REASONS = { playback: 'playback_older_than_365_days', age: 'older_than_2_years' } as const

type Row = {
  n: number
  root: Buffer
  tier: RangeRow['tier']
  kept: number
  entries: string[] | null
  object_key: string | null
  object_sha256: Buffer | null
  object_bytes: number | null
  oldest: string
  newest: string
  playback_newest: string | null
  seals: { rule: SealRule; removed: number; at: string }[] | null
}

const utc = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Ranges `from` to `to`, without the latter, as far as they left the hot tier. */
export async function readRanges(runner: SqlRunner, from: number, to: number): Promise<RangeRow[]> {
  const rows = await runSql<Row>(
    runner,
    `select n, root, tier, kept, entries, object_key, object_sha256, object_bytes, ${utc('oldest')} as oldest,
      ${utc('newest')} as newest, ${utc('playback_newest')} as playback_newest,
      (select json_agg(json_build_object('rule', rule, 'removed', removed, 'at', ${utc('sealed_at')}) order by sealed_at, rule desc)
        from audit_seals s where s.n = audit_ranges.n) as seals
    from audit_ranges where n >= $1 and n < $2 order by n`,
    [from, to],
  )
  return rows.map(toRange)
}

/** One range, or null where it is still hot. */
export async function readRange(runner: SqlRunner, n: number): Promise<RangeRow | null> {
  return (await readRanges(runner, n, n + 1))[0] ?? null
}

/** Text of each entry, wherever it lies; null where it was removed. @throws Error where the archive can't give it */
export async function entriesOf(segments: SegmentStore, range: RangeRow): Promise<RangeEntries> {
  if (range.entries) return range.entries
  if (range.object) return await segments.read(range, range.object)
  return Array.from({ length: TILE_WIDTH }, () => null)
}

/** Leaves of a range: from the first one, up to and without the last figure. */
export const leavesOf = (n: number) => ({ from: n * TILE_WIDTH, to: (n + 1) * TILE_WIDTH })

function toRange(row: Row): RangeRow {
  const { n, root, tier, kept, entries, object_key: key, object_sha256: sha256, object_bytes: bytes } = row
  return {
    ...{ n: Number(n), root, tier, kept, entries },
    object: key === null || sha256 === null ? null : { key, sha256, bytes: Number(bytes) },
    oldest: new Date(row.oldest),
    newest: new Date(row.newest),
    playbackNewest: row.playback_newest === null ? null : new Date(row.playback_newest),
    seals: (row.seals ?? []).map(({ rule, removed, at }) => ({
      ...leavesOf(Number(n)),
      reason: SEAL_REASONS[rule],
      sealedAt: at,
      removed,
    })),
  }
}
