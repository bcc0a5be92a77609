import { fileOf } from './file-handle.ts'
import { headOf, isSameFile, type RecordStore, type UploadRecord } from './upload-records.ts'
import type { Uploader, UploadProgress } from './uploader.ts'

export type QueueState =
  | 'queued'
  | 'preparing'
  | 'needs-file'
  | 'elsewhere'
  | 'refused'
  | UploadProgress['phase']

export type QueueItem = {
  key: string
  uploadId: string | null
  videoId: string | null
  name: string
  /** bytes */
  size: number
  state: QueueState
  progress: UploadProgress | null
  /** a sentence where something is wrong */
  error: string | null
  /** Continue needs no choosing of a file */
  hasFile: boolean
}

/** A file as it was chosen or dropped. */
export type ChosenFile = { file: File; handle?: FileSystemFileHandle }

export type OpenUpload = { id: string; videoId: string; filename: string; size: number }
type Place = { id: string; videoId: string; uploadUrl: string }

export type QueueDoors = {
  begin(file: { filename: string; contentType: string; size: number }): Promise<Place>
  /** this person's uploads that wait for bytes */
  listOpen(): Promise<OpenUpload[]>
  /** the upload's URL once more */
  reopen(uploadId: string): Promise<Place>
  cancel(uploadId: string): Promise<void>
  records: RecordStore
  uploader(options: { url: string; file: Blob; onProgress: (progress: UploadProgress) => void }): Uploader
  sentence(error: unknown): string
  /** whether an error says that the upload is over for good */
  isOver(error: unknown): boolean
  /** runs `work` while no other tab runs the same; false where one does */
  alone(uploadId: string, work: () => Promise<void>): Promise<boolean>
  isElsewhere(uploadId: string): Promise<boolean>
}

type Entry = {
  item: QueueItem
  chosen?: ChosenFile
  record?: UploadRecord
  uploader?: Uploader
  /** ends its turn */
  release?: () => void
  /** its latest turn, from first to last */
  turn?: Promise<void>
}

const RESTING = new Set<QueueState>(['done', 'failed', 'paused', 'stopped'])

/** All uploads of this page: one is sent at a time, the others wait their turn, paused and broken ones stand aside. */
export class UploadQueue {
  readonly #doors: QueueDoors
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<() => void>()
  #snapshot: QueueItem[] = []
  #counter = 0

  constructor(doors: QueueDoors) {
    this.#doors = doors
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  snapshot = (): QueueItem[] => this.#snapshot

  /** Takes up what earlier visits left unfinished, here or on another machine. */
  async restore(): Promise<void> {
    const [open, records] = await Promise.all([
      this.#doors.listOpen(),
      this.#doors.records.all().catch(() => []),
    ])
    for (const upload of open) {
      if (this.#knows(upload.id)) continue
      await this.#restoreOne(
        upload,
        records.find((record) => record.uploadId === upload.id),
      )
    }
    const gone = records.filter(
      ({ uploadId }) => !open.some(({ id }) => id === uploadId) && !this.#knows(uploadId),
    )
    await Promise.all(gone.map(({ uploadId }) => this.#forget(uploadId)))
    this.#next()
  }

  add(files: ChosenFile[]): void {
    for (const chosen of files) {
      const key = `new-${++this.#counter}`
      const { name, size } = chosen.file
      const empty = size === 0
      const item: QueueItem = {
        key,
        uploadId: null,
        videoId: null,
        name,
        size,
        state: empty ? 'refused' : 'queued',
        progress: null,
        error: empty ? 'This file is empty. Export it again, then upload it.' : null,
        hasFile: true,
      }
      this.#entries.set(key, { item, chosen })
    }
    this.#tell()
    this.#next()
  }

  pause(key: string): void {
    const entry = this.#entries.get(key)
    if (entry?.uploader) entry.uploader.pause()
    else if (entry?.item.state === 'queued') this.#change(entry, { state: 'paused' })
  }

  /** Goes on with an upload; `file` where the browser no longer has it. */
  async resume(key: string, file?: ChosenFile): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry || (entry.release && !RESTING.has(entry.item.state))) return
    await entry.turn
    if (file) {
      const begun = entry.record ?? { size: entry.item.size }
      if (!(await isSameFile(begun, file.file))) {
        return this.#change(entry, {
          error: `This is another file. Choose ${entry.item.name}, the one you began with.`,
        })
      }
      entry.uploader = undefined
      entry.chosen = file
    }
    if (!entry.chosen && entry.record?.handle) entry.chosen = await fileOf(entry.record.handle, true)
    if (!entry.chosen) return this.#change(entry, { state: 'needs-file', hasFile: false })
    this.#change(entry, { state: 'queued', error: null, hasFile: true })
    this.#next()
  }

  /** Stops an upload for good, here and on the server. */
  async cancel(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry) return
    const { uploadId } = entry.item
    this.#entries.delete(key)
    entry.uploader?.stop()
    entry.release?.()
    this.#tell()
    if (uploadId) {
      await this.#forget(uploadId)
      // Too late or out of reach: the list of videos shows what became of it.
      await this.#doors.cancel(uploadId).catch(() => {})
      this.#tell()
    }
    this.#next()
  }

  /** Takes a finished or refused item off the list. */
  dismiss(key: string): void {
    this.#entries.delete(key)
    this.#tell()
  }

  #knows(uploadId: string): boolean {
    return [...this.#entries.values()].some((entry) => entry.item.uploadId === uploadId)
  }

  async #restoreOne(upload: OpenUpload, record: UploadRecord | undefined): Promise<void> {
    const elsewhere = await this.#doors.isElsewhere(upload.id)
    const chosen = record?.handle && !elsewhere ? await fileOf(record.handle, false) : undefined
    const item: QueueItem = {
      key: upload.id,
      uploadId: upload.id,
      videoId: upload.videoId,
      name: upload.filename,
      size: upload.size,
      state: elsewhere ? 'elsewhere' : chosen ? 'queued' : 'needs-file',
      progress: null,
      error: null,
      hasFile: chosen !== undefined || record?.handle !== undefined,
    }
    this.#entries.set(item.key, { item, record, chosen })
    this.#tell()
  }

  /** Starts the first that waits, unless one is under way. */
  #next(): void {
    const entries = [...this.#entries.values()]
    if (entries.some((entry) => entry.release)) return
    const entry = entries.find(({ item }) => item.state === 'queued')
    if (entry) entry.turn = this.#send(entry)
  }

  async #send(entry: Entry): Promise<void> {
    const turn = Promise.withResolvers<void>()
    entry.release = turn.resolve
    this.#change(entry, { state: 'preparing' })
    try {
      const place = await this.#placeFor(entry)
      const ran = await this.#doors.alone(place.id, async () => {
        if (!this.#entries.has(entry.item.key)) return
        this.#start(entry, place)
        await turn.promise
      })
      if (!ran) this.#change(entry, { state: 'elsewhere' })
    } catch (error) {
      if (this.#doors.isOver(error)) await this.#forget(entry.item.uploadId ?? '')
      const state = entry.item.uploadId && !this.#doors.isOver(error) ? 'paused' : 'refused'
      this.#change(entry, { state, error: this.#doors.sentence(error) })
    }
    entry.release = undefined
    this.#next()
  }

  async #placeFor(entry: Entry): Promise<Place> {
    const { uploadId } = entry.item
    if (uploadId) return await this.#doors.reopen(uploadId)
    const file = entry.chosen?.file
    if (!file) throw new Error('an upload was begun without its file')
    const place = await this.#doors.begin({ filename: file.name, contentType: file.type, size: file.size })
    this.#change(entry, { uploadId: place.id, videoId: place.videoId })
    entry.record = { uploadId: place.id, name: file.name, size: file.size, head: await headOf(file) }
    if (entry.chosen?.handle) entry.record.handle = entry.chosen.handle
    // A browser that keeps nothing (private windows) asks for the file again after a reload, no more.
    await this.#doors.records.put(entry.record).catch(() => {})
    return place
  }

  #start(entry: Entry, place: Place): void {
    const file = entry.chosen?.file
    if (!file) throw new Error('an upload was started without its file')
    entry.uploader ??= this.#doors.uploader({
      url: place.uploadUrl,
      file,
      onProgress: (progress) => this.#follow(entry, progress),
    })
    entry.uploader.start()
  }

  #follow(entry: Entry, progress: UploadProgress): void {
    const { phase, error, resumable } = progress
    this.#change(entry, { state: phase, progress, error: phase === 'failed' ? error : null })
    if (phase === 'done' || (phase === 'failed' && !resumable)) void this.#forget(entry.item.uploadId ?? '')
    if (RESTING.has(phase)) entry.release?.()
  }

  async #forget(uploadId: string): Promise<void> {
    await this.#doors.records.remove(uploadId).catch(() => {})
  }

  #change(entry: Entry, change: Partial<QueueItem>): void {
    entry.item = { ...entry.item, ...change }
    this.#tell()
  }

  #tell(): void {
    this.#snapshot = [...this.#entries.values()].map((entry) => entry.item)
    for (const listener of this.#listeners) listener()
  }
}
