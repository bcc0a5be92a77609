import type { PoolClient } from 'pg'
import type { StoredLeaf } from '../leaves.ts'
import { hashLeaf } from '../merkle.ts'
import { TILE_WIDTH, tileRoot } from '../tiles.ts'
import { readEvent } from '../verifier.mjs'
import { isPlayback } from './kept-days.ts'
import { type RangeRow, readRange } from './range-rows.ts'

type Current = { n: number; hashes: Buffer[]; times: string[]; playback: string[]; removed: number }

/** Compares the rows of ranges with their leaves, as these come. */
export function createRangeCheck(client: PoolClient, fault: (message: string) => void) {
  let current: Current | null = null
  let seen = 0

  async function close(): Promise<void> {
    const found = current
    current = null
    const range = found && (await readRange(client, found.n))
    if (!found || !range) return
    seen += 1
    compare(range, found)
  }

  function compare(range: RangeRow, { n, hashes, times, playback, removed }: Current): void {
    const sealed = range.seals.reduce((sum, seal) => sum + seal.removed, 0)
    if (hashes.length !== TILE_WIDTH || !tileRoot(Buffer.concat(hashes)).equals(range.root))
      fault(`the root of range ${n} is not that of its leaves`)
    if (removed !== sealed || range.kept !== TILE_WIDTH - removed)
      fault(`range ${n} lacks ${removed} entries; its seals removed ${sealed}, it counts ${range.kept}`)
    // The times decide when a range goes. What was removed had times that nobody can compare any more.
    if (removed > 0) return
    const [oldest, newest] = [times.toSorted()[0], times.toSorted().at(-1)]
    const newestPlayback = playback.toSorted().at(-1) ?? null
    if (range.oldest.toISOString() !== oldest || range.newest.toISOString() !== newest)
      fault(`the times of range ${n} are not those of its entries`)
    if ((range.playbackNewest?.toISOString() ?? null) !== newestPlayback)
      fault(`the newest playback of range ${n} is not that of its entries`)
  }

  return {
    /** Leaves have to come in their order. */
    async add({ index, entry, leafHash }: StoredLeaf): Promise<void> {
      const n = Math.floor((index ?? 0) / TILE_WIDTH)
      if (current && current.n !== n) await close()
      current ??= { n, hashes: [], times: [], playback: [], removed: 0 }
      current.hashes.push(entry === null && leafHash ? leafHash : hashLeaf(entry ?? ''))
      if (entry === null) current.removed += 1
      const event = entry === null ? null : (readEvent(entry) as { time: string; action: string } | null)
      if (!event) return
      current.times.push(event.time)
      if (isPlayback(event.action)) current.playback.push(event.time)
    },

    async end(): Promise<void> {
      await close()
      const { rows } = await client.query<{ stored: number }>(
        'select count(*)::int as stored from audit_ranges',
      )
      if (rows[0]?.stored !== seen) fault(`${rows[0]?.stored} ranges are stored, ${seen} have leaves`)
    },
  }
}
