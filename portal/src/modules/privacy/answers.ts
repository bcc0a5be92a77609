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

/** One purpose for which the portal keeps something of people: from the inventory and the rules of retention. */
export type NoticeCategory = {
  id: string
  title: string
  of: 'account' | 'guest' | 'both'
  why: string
  /** On what ground, in words. */
  basis: string
  kept: string[]
  /** By table: what it holds, and what an erasure does with it. */
  parts: { holds: string; erased: string[] }[]
}

/** What the portal keeps in a browser, by the names that the browser shows. */
export type StoredInBrowser = { names: readonly string[]; who: string; why: string; howLong: string }

/** Somebody who reads data of others, or another company that gets some. */
export type DataReader = { who: string; gets: string }

/** What /privacy tells everybody, of this installation. */
export type PrivacyNotice = {
  /** Where the installation belongs. */
  region: string
  contact: { href: string; text: string } | null
  /** Whether how viewers watch is kept here at all. */
  recordsWatching: boolean
  categories: NoticeCategory[]
  browser: readonly StoredInBrowser[]
  readers: DataReader[]
  recipients: DataReader[]
  /** For so many days a browser can read and copy what is kept of its visits. */
  memory: string
}
