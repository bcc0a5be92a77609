import type { DaySize, TierReport } from '../answers.ts'

export type PartName = 'hot' | 'warm' | 'archive' | 'purged' | 'index' | 'tree'

/** One part of what the log takes up; null where a figure has no meaning or is not measured yet. */
export type StoragePart = {
  name: PartName
  label: string
  about: string
  entries: number | null
  /** Entries whose text retention removed. */
  sealed: number | null
  bytes: number | null
  oldest: string | null
}

const TIERS = {
  hot: { label: 'Hot', about: 'the last 30 days', size: 'hotBytes' },
  warm: { label: 'Warm', about: 'up to 180 days, compressed', size: 'warmBytes' },
  archive: { label: 'Archive', about: 'up to 2 years, outside the database', size: 'archiveBytes' },
  purged: { label: 'Sealed', about: 'past its time: the hashes stay', size: null },
} as const

const BESIDE = [
  { name: 'index', label: 'Search', about: 'what the log is searched by', size: 'indexBytes' },
  { name: 'tree', label: 'Proofs', about: 'hashes and signed heads, for ever', size: 'treeBytes' },
] as const

/** Tiers with what lies beside them, in the order that an event goes through them. Pure. */
export function storageParts({ tiers, days }: Pick<TierReport, 'tiers' | 'days'>): StoragePart[] {
  const measured = days.at(-1)
  const bytes = (size: keyof DaySize | null) => (measured && size ? Number(measured[size]) : null)
  return [
    ...tiers.map(({ tier, entries, sealed, oldest }) => {
      const { label, about, size } = TIERS[tier]
      return { name: tier, label, about, entries, sealed, bytes: bytes(size), oldest }
    }),
    ...BESIDE.map(({ name, label, about, size }) => ({
      ...{ name, label, about, bytes: bytes(size) },
      ...{ entries: null, sealed: null, oldest: null },
    })),
  ]
}
