import type { RefusalCount } from '#portal/modules/audit/count-refusals.ts'
import type { Heat } from './rules.ts'

/** Who watched, as far as the notice before Watch said that its owner sees it. */
export type Who =
  | { kind: 'address'; address: string }
  /** No address was asked for, or none is told: counted in order of arrival. */
  | { kind: 'unnamed'; number: number }
  /** Wants no record. */
  | { kind: 'objected' }

export type ViewerLine = {
  who: Who
  firstAt: string
  lastAt: string
  times: number
  watching: boolean
  /** 0 to 1; null where nothing was kept. */
  fraction: number | null
  playedSeconds: number | null
}

export type NotWatched = { address: string; remindedAt: string | null; reminders: number; mayRemind: boolean }

export type ShareViewing = {
  shareId: string
  durationSeconds: number | null
  /** False where nothing is kept for the owner. */
  recorded: boolean
  viewers: ViewerLine[]
  /** How many there are, shown or not. */
  viewerCount: number
  heat: Heat[]
  /** Invited by their own address, and not come yet. */
  notWatched: NotWatched[]
  /** Since thirty days ago, by reason. */
  refusals: RefusalCount[]
}

/** Watching in a few numbers, for a card or a row. */
export type ViewingSummary = {
  /** The video's or the share's. */
  id: string
  people: number
  lastAt: string
  /** 0 to 1: how much a viewer saw on average, of those of whom something was kept; null where that is nobody. */
  fraction: number | null
}

export type VideoViewing = { durationSeconds: number | null; viewerCount: number; heat: Heat[] }

/** What is kept of one viewer session's watching, as that viewer may see it. */
export type ViewerRecord = {
  firstAt: string
  lastAt: string
  playedSeconds: number
  /** 0 to 1, each part of the video once. */
  fractionSeen: number
  furthestSeconds: number
  /** Parts of the video that were played, and for how many seconds each. */
  parts: { fromSeconds: number; toSeconds: number; playedSeconds: number }[]
}

/** Whether anything is kept of watching for an organisation, and who last said so; null where nobody has. */
export type RecordingSetting = { recording: boolean; setByName: string | null; setAt: string | null }
