import type { ErasedRows } from '#portal/platform/erasure.ts'
import type { DataLabel } from '#portal/platform/table-data.ts'
import type { ErasureReason } from './rules.ts'

/** What the portal knows of a person whose erasure waits: what goes, and what falls with it. */
export type ErasureReach = {
  videos: number
  visits: number
  /** Bars that end with the person, and links whose list keeps them out by name. */
  bars: number
  denied: number
}

export type Erasure = {
  id: string
  kind: 'account' | 'guest'
  /** An address, as long as it waits or runs; afterwards nobody knows it. */
  person: string | null
  /** Of an account: names nobody once it is erased. */
  userId: string | null
  reason: ErasureReason
  reference: string
  videos: 'transfer' | 'delete' | null
  successorName: string | null
  status: 'pending' | 'running' | 'done' | 'declined'
  askedAt: string
  askedByName: string | null
  /** Whether the caller asked, or is the one whom it is about: then somebody else decides. */
  mine: boolean
  decidedByName: string | null
  decidedAt: string | null
  finishedAt: string | null
  /** What holds it up; null while nothing does. */
  failure: string | null
  /** Rounds that were gone through; the last of a finished one found nothing. */
  rounds: number
  /** What was done, by place, over all rounds. */
  removed: ErasedRows[]
  /** Only while it waits. */
  reach: ErasureReach | null
}

/** What an erasure does with a column, and why or by what; null for a column that holds nothing of a person. */
export type ColumnFate = {
  column: string
  fate: 'deleted' | 'replaced' | 'words' | 'pseudonym' | 'kept' | null
  how: string | null
}

export type InventoryTable = {
  table: string
  label: DataLabel
  of: 'account' | 'guest' | 'both' | 'nobody'
  holds: string
  /** Columns that tell of people; the others are not listed. */
  columns: ColumnFate[]
}
