import type { FileHash } from './file-hash.ts'
import type { Held, Wait } from './limit-wait.ts'
import type { TabChannel } from './tab-channel.ts'
import type { RecordStore } from './upload-records.ts'
import type { Uploader, UploaderOptions, UploadProgress } from './uploader.ts'
import type { WaitingStore } from './waiting-files.ts'

export type QueueState =
  | 'queued'
  | 'limited'
  | 'preparing'
  | 'needs-file'
  | 'elsewhere'
  | 'refused'
  | UploadProgress['phase']

/** Nothing happens to it until somebody wants something. */
export const RESTING: ReadonlySet<QueueState> = new Set(['done', 'failed', 'paused', 'stopped'])
/** It begins, or goes on, by itself. */
export const WAITING: ReadonlySet<QueueState> = new Set(['queued', 'limited'])
/** Closing the page would stop it. */
export const SENDING: ReadonlySet<QueueState> = new Set<QueueState>([
  ...WAITING,
  'preparing',
  'sending',
  'retrying',
  'offline',
])

export type QueueItem = {
  key: string
  uploadId: string | null
  videoId: string | null
  name: string
  /** bytes */
  size: number
  state: QueueState
  progress: UploadProgress | null
  /** bytes that the server has, as it said when this page was opened */
  stored: number
  /** in state `elsewhere`: another tab of this browser, which can be told what to do, or another device */
  where: 'tab' | 'device' | null
  /** in state `limited`, and in `needs-file` where nothing has begun: what it waits for */
  wait: Wait | null
  /** a sentence where something is wrong */
  error: string | null
  /** Continue needs no choosing of a file */
  hasFile: boolean
}

/** A file as it was chosen or dropped. */
export type ChosenFile = { file: File; handle?: FileSystemFileHandle }

/** One of this person's uploads that wait for bytes. */
export type OpenUpload = {
  id: string
  videoId: string
  filename: string
  size: number
  receivedBytes: number | null
  headSha256: string | null
  /** who sent last, and when that was heard, by the server's clock as milliseconds ago */
  writer: string | null
  silentMs: number | null
}

export type Place = { id: string; videoId: string; uploadUrl: string }

export type NewFile = {
  filename: string
  contentType: string
  size: number
  headSha256: string
  durationSeconds?: number | undefined
  writer: string
}

export type QueueDoors = {
  /** the name of this tab among all that may send */
  writer: string
  /** uploads that are sent side by side; the others wait their turn */
  atOnce: number
  begin(file: NewFile): Promise<Place>
  /** this person's uploads that wait for bytes */
  listOpen(): Promise<OpenUpload[]>
  /** the upload's URL once more; from now on this tab sends */
  reopen(uploadId: string): Promise<Place>
  /** says what the server has acknowledged; false where another tab or device sends now */
  report(uploadId: string, receivedBytes: number): Promise<boolean>
  declare(uploadId: string, sha256: string): Promise<void>
  cancel(uploadId: string): Promise<void>
  /** a sentence for a file that is no video by its first bytes, or its length in seconds where that can be read */
  inspect(file: File): Promise<{ refusal: string } | { durationSeconds: number | undefined }>
  hash(file: Blob): Pick<FileHash, 'follow' | 'digest' | 'stop'>
  records: RecordStore
  waiting: WaitingStore
  uploader(options: UploaderOptions): Uploader
  sentence(error: unknown): string
  /** what an error says to wait for; null where waiting does not help */
  heldBy(error: unknown): Held | null
  /** epoch milliseconds by this device's clock */
  now(): number
  /** calls back at an instant of that clock, also where the device slept meanwhile; returns how to stop */
  at(instant: number, work: () => void): () => void
  /** whether an error says that the upload is over for good */
  isOver(error: unknown): boolean
  /** runs `work` while no other tab runs the same; false where one does */
  alone(uploadId: string, work: () => Promise<void>): Promise<boolean>
  isElsewhere(uploadId: string): Promise<boolean>
  /** resolves when no tab of this browser sends it any more */
  whenFree(uploadId: string): Promise<void>
  tabs: TabChannel
}
