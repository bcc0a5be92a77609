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

/** A search of the log that somebody keeps under a name, as its page has it in the address. */
export type SavedLogSearch = { id: string; name: string; query: Record<string, string> }
