import { describe, expect, it } from 'vitest'
import type { DaySize, TierReport } from '../answers.ts'
import { storageParts } from './storage-parts.ts'

const TIERS: TierReport['tiers'] = [
  { tier: 'hot', entries: 300, sealed: 0, oldest: '2026-11-01T00:00:00Z' },
  { tier: 'warm', entries: 512, sealed: 0, oldest: '2026-07-01T00:00:00Z' },
  { tier: 'archive', entries: 200, sealed: 56, oldest: '2025-07-01T00:00:00Z' },
  { tier: 'purged', entries: 0, sealed: 256, oldest: null },
]
const day = (name: string, by: number): DaySize => ({
  ...{ day: name, events: 1324, hotBytes: by, warmBytes: 2 * by, indexBytes: 3 * by },
  ...{ treeBytes: 4 * by, archiveBytes: 5 * by, totalBytes: 15 * by },
})

describe('parts of the log’s storage', () => {
  it('[ALV-08] have the sizes of the newest measure, each its own', () => {
    const parts = storageParts({ tiers: TIERS, days: [day('2026-11-20', 7), day('2026-11-21', 100)] })
    expect(parts.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['hot', 100],
      ['warm', 200],
      ['archive', 500],
      ['purged', null],
      ['index', 300],
      ['tree', 400],
    ])
    expect(parts.map(({ sealed }) => sealed)).toEqual([0, 0, 56, 256, null, null])
  })

  it('[ALV-08] have no size before the first measure, rather than none at all', () => {
    const parts = storageParts({ tiers: TIERS, days: [] })
    expect(parts.map(({ bytes }) => bytes)).toEqual([null, null, null, null, null, null])
    expect(parts[1]?.entries).toBe(512)
  })
})
