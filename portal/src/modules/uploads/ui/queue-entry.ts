import type { ChosenFile, QueueDoors, QueueItem } from './queue-item.ts'
import type { SenderReports } from './sender-reports.ts'
import type { UploadRecord } from './upload-records.ts'
import type { Uploader } from './uploader.ts'
import type { WaitingFile } from './waiting-files.ts'

/** An upload as the queue holds it: what is shown of it, and what is at work on it. */
export type Entry = {
  item: QueueItem
  /** SHA-256 of the first MiB of the file that it was begun with; null where nobody noted it */
  head: string | null
  chosen?: ChosenFile | undefined
  /** among the files that were chosen on this page, or on the earlier one that it waited on */
  place?: number
  record?: UploadRecord
  /** what this browser keeps of it until it begins */
  note?: WaitingFile | undefined
  uploader?: Uploader
  hash?: ReturnType<QueueDoors['hash']>
  reports?: SenderReports
  /** another device sends now: the pause that follows is no wish of this one's person */
  gaveWay?: boolean
  /** ends its turn */
  release?: () => void
  /** its latest turn, from first to last */
  turn?: Promise<void>
}

export const blankItem = {
  uploadId: null,
  videoId: null,
  progress: null,
  stored: 0,
  where: null,
  wait: null,
  error: null,
}
