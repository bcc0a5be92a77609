export type { PublishedKeys } from '#portal/platform/audit-sink.ts'

export type LogGrantState = 'pending' | 'lapsed' | 'declined' | 'running' | 'ended'

/** A grant to read the log, as administrators see it. */
export type LogGrant = {
  id: string
  name: string
  mine: boolean
  origin: 'asked' | 'first' | 'command'
  reason: string
  hours: number
  state: LogGrantState
  askedAt: string
  /** Null where nobody decided yet, and where it was given without a second person. */
  decidedBy: string | null
  decidedAt: string | null
  endsAt: string | null
}

export type LogReviewItem = {
  grantId: string
  userId: string
  name: string
  origin: LogGrant['origin']
  reason: string
  from: string
  until: string
  /** Whether it runs now. */
  running: boolean
  /** How often the log was read by it. */
  reads: number
  decision: 'keep' | 'remove' | null
  evidence: string | null
  decidedBy: string | null
  decidedAt: string | null
}

export type LogReview = {
  id: string
  quarter: string
  openedAt: string
  dueAt: string
  overdue: boolean
  closedAt: string | null
  items: LogReviewItem[]
}

/** One event of a history, as those whom it concerns see it. */
export type HistoryEvent = {
  id: string
  time: string
  action: string
  outcome: string
  /** Null where there is none, and where `archived`. */
  reason: string | null
  /** Null where `archived`. */
  actorKind: string | null
  /** Pseudonym of the one who acted. */
  actor: string
  /** Its text lies in the archive; the receipt has it. */
  archived: boolean
  /** True once a signed head of the log covers it. */
  proved: boolean
}

/** The newest time-stamps of heads (RFC 3161). */
export type LogTimestamps = {
  /** Null where no authority is named. */
  everyMinutes: number | null
  items: { size: number; authority: string; stampedAt: string }[]
}

/** A search of the log that somebody keeps under a name, as its page has it in the address. */
export type SavedLogSearch = { id: string; name: string; query: Record<string, string> }

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
  /** The newest restore of a range from the archive, a drill or not; null before the first. */
  lastRestore: { at: string; range: string; isProven: boolean } | null
}

/** A part of the log that was sealed for an incident, with how far it is. */
export type Snapshot = {
  id: string
  incident: string
  reason: string
  from: string
  to: string
  status: 'waiting' | 'working' | 'ready' | 'failed' | 'removed'
  entriesDone: number
  entriesTotal: number | null
  /** First and last leaf; null where the range has none. */
  firstIndex: number | null
  lastIndex: number | null
  bytes: number | null
  /** Of the archive, in hex. */
  sha256: string | null
  failure: string | null
  createdAt: string
}
