/** Sizes of the log on one day, in bytes. */
export type DaySize = {
  /** `2026-11-22`, UTC. */
  day: string
  events: number
  hotBytes: number
  warmBytes: number
  indexBytes: number
  treeBytes: number
  archiveBytes: number
  totalBytes: number
}

/** Growth over a quarter (91 days); null before there are measures so far apart. */
export type Growth = {
  fromDay: string
  toDay: string
  percent: number
  barPercent: number
  isBeyond: boolean
} | null

export type TierReport = {
  tiers: {
    tier: 'hot' | 'warm' | 'archive' | 'purged'
    /** Entries whose text lies here. */
    entries: number
    /** Entries of its ranges whose text a seal removed. */
    sealed: number
    oldest: string | null
  }[]
  /** Oldest first. */
  days: DaySize[]
  growth: Growth
}
