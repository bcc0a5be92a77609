import { fileOf } from './file-handle.ts'
import { LimitWait } from './limit-wait.ts'
import { reopened } from './open-place.ts'
import { blankItem, type Entry } from './queue-entry.ts'
import {
  type ChosenFile,
  type OpenUpload,
  type QueueDoors,
  type QueueItem,
  type QueueState,
  RESTING,
  SENDING,
  WAITING,
} from './queue-item.ts'
import { QueueSending } from './queue-sending.ts'
import { TabTalk } from './tab-talk.ts'
import { isSameFile, type UploadRecord } from './upload-records.ts'
import { WaitingFiles } from './waiting-files.ts'

const CONTINUABLE = new Set<QueueState>(['paused', 'failed', 'needs-file'])
/** Longer than a sender is silent: one that was heard within this time is taken to be at work. */
const AT_WORK_MS = 15_000

/** All uploads of this page: a few are sent at a time, the others wait their turn, paused and broken ones stand aside. */
export class UploadQueue {
  readonly #doors: QueueDoors
  readonly #tabs: TabTalk
  readonly #limits: LimitWait
  readonly #sending: QueueSending
  readonly #waiting: WaitingFiles
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<() => void>()
  #snapshot: QueueItem[] = []
  #counter = 0

  constructor(doors: QueueDoors) {
    this.#doors = doors
    this.#waiting = new WaitingFiles(doors)
    this.#tabs = new TabTalk(doors, {
      find: (uploadId) => this.#find(uploadId),
      change: (entry, change) => this.#change(entry, change),
      pause: (key) => this.pause(key),
      drop: (entry) => this.#drop(entry),
    })
    this.#limits = new LimitWait(doors, {
      entries: () => this.#entries.values(),
      change: (entry, change) => this.#change(entry, change),
      next: () => this.#next(),
    })
    this.#sending = new QueueSending(doors, {
      has: (entry) => this.#entries.has(entry.item.key),
      change: (entry, change) => this.#change(entry, change),
      forget: (uploadId) => this.#forget(uploadId),
      isHeld: (entry, error) => this.#limits.meet(entry, error),
      takeUpWhenFree: (uploadId) => void this.#tabs.takeUpWhenFree(uploadId),
    })
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  snapshot = (): QueueItem[] => this.#snapshot

  /** Whether closing this page would stop something. */
  get isSending(): boolean {
    return this.#snapshot.some(({ state }) => SENDING.has(state))
  }

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
    await this.#restoreWaiting()
    this.#next()
  }

  add(files: ChosenFile[]): void {
    for (const chosen of files) {
      if (this.#takeWaiting(chosen)) continue
      const key = `new-${++this.#counter}`
      const { name, size } = chosen.file
      const error = size === 0 ? 'This file is empty. Export it again, then upload it.' : null
      const state = error ? ('refused' as const) : ('queued' as const)
      const item: QueueItem = { ...blankItem, key, name, size, state, error, hasFile: true }
      this.#entries.set(key, { item, head: null, chosen, place: this.#counter })
    }
    this.#tell()
    this.#next()
    for (const entry of this.#entries.values()) this.#waiting.follow(entry)
  }

  pause(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    const { state, uploadId, where } = entry.item
    if (state === 'elsewhere' && where === 'tab' && uploadId)
      this.#doors.tabs.tell({ uploadId, wish: 'pause' })
    else if (WAITING.has(state)) this.#change(entry, { state: 'paused', wait: null })
    else entry.uploader?.pause()
  }

  pauseAll(): void {
    // Those that wait first: a place that becomes free must not start one of them.
    const keys = [...this.#entries.values()].toSorted((one) => (WAITING.has(one.item.state) ? -1 : 1))
    for (const { item } of keys) if (SENDING.has(item.state)) this.pause(item.key)
  }

  /** Goes on with all whose file is at hand, in their order. */
  async resumeAll(): Promise<void> {
    for (const { item } of [...this.#entries.values()])
      if (CONTINUABLE.has(item.state) && item.hasFile) await this.resume(item.key)
  }

  cancelAll(): void {
    for (const { item } of [...this.#entries.values()])
      if (item.state !== 'refused' && item.state !== 'done') void this.cancel(item.key)
  }

  /** Goes on with an upload; `file` where the browser no longer has it. */
  async resume(key: string, file?: ChosenFile): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry || (entry.release && !RESTING.has(entry.item.state))) return
    await entry.turn
    if (file) {
      if (!(await isSameFile({ size: entry.item.size, head: entry.head }, file.file))) {
        const wanted = entry.item.uploadId
          ? 'the one you began with.'
          : 'the one that waited. Add this one by Upload.'
        return this.#change(entry, {
          error: `This is another file. Choose ${entry.item.name}, ${wanted}`,
        })
      }
      entry.uploader = undefined
      entry.hash?.stop()
      entry.hash = undefined
      entry.chosen = file
    }
    const handle = entry.record?.handle ?? entry.note?.handle
    if (!entry.chosen && handle) entry.chosen = await fileOf(handle, true)
    if (!entry.chosen) return this.#change(entry, { state: 'needs-file', where: null, hasFile: false })
    if (entry.item.state === 'limited') this.#limits.lift()
    this.#change(entry, { state: 'queued', where: null, wait: null, error: null, hasFile: true })
    this.#next()
  }

  /** Stops an upload for good, here and on the server. */
  async cancel(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry) return
    const { uploadId } = entry.item
    this.#drop(entry)
    if (uploadId) {
      this.#doors.tabs.tell({ uploadId, wish: 'cancel' })
      await this.#forget(uploadId)
      // Too late or out of reach: the list of uploads shows what became of it.
      await this.#doors.cancel(uploadId).catch(() => {})
      this.#tell()
    }
    this.#next()
  }

  /** Takes a finished or refused item off the list. */
  dismiss(key: string): void {
    const entry = this.#entries.get(key)
    if (entry) this.#waiting.drop(entry)
    this.#entries.delete(key)
    this.#tell()
  }

  /** Off the list, whatever it was at. */
  #drop(entry: Entry): void {
    this.#entries.delete(entry.item.key)
    entry.uploader?.stop()
    entry.hash?.stop()
    entry.release?.()
    this.#waiting.drop(entry)
    this.#tell()
  }

  #find(uploadId: string): Entry | undefined {
    return [...this.#entries.values()].find((entry) => entry.item.uploadId === uploadId)
  }

  #knows(uploadId: string): boolean {
    return this.#find(uploadId) !== undefined
  }

  async #restoreOne(upload: OpenUpload, record: UploadRecord | undefined): Promise<void> {
    const tab = await this.#doors.isElsewhere(upload.id)
    const device = !tab && upload.silentMs !== null && upload.silentMs < AT_WORK_MS && !record
    const elsewhere = tab || device
    const chosen = record?.handle && !elsewhere ? await fileOf(record.handle, false) : undefined
    const item = reopened(upload, tab ? 'tab' : device ? 'device' : null, {
      atHand: chosen !== undefined,
      askable: record?.handle !== undefined,
    })
    this.#entries.set(item.key, { item, head: upload.headSha256, record, chosen })
    this.#tell()
    if (tab) void this.#tabs.takeUpWhenFree(upload.id)
  }

  /** Files that had not begun when the page was closed; the limit that they met holds still. */
  async #restoreWaiting(): Promise<void> {
    for (const entry of await this.#waiting.restore()) {
      if (entry.item.wait) this.#limits.recall(entry.item.wait)
      this.#entries.set(entry.item.key, entry)
      this.#tell()
    }
  }

  /** Whether a chosen file is one that waited for being chosen again, and goes on in its place. */
  #takeWaiting(chosen: ChosenFile): boolean {
    const { name, size } = chosen.file
    const entry = [...this.#entries.values()].find(
      ({ item, note, chosen: has }) =>
        note && !has && item.state === 'needs-file' && item.name === name && item.size === size,
    )
    if (!entry) return false
    entry.chosen = chosen
    void this.resume(entry.item.key)
    return true
  }

  /** Starts those that wait, as many as may be under way. */
  #next(): void {
    this.#limits.holdBack()
    const entries = [...this.#entries.values()]
    let free = this.#doors.atOnce - entries.filter((entry) => entry.release).length
    for (const entry of entries) {
      if (free <= 0) return
      if (entry.item.state !== 'queued' || entry.release) continue
      free -= 1
      entry.turn = this.#takeTurn(entry)
    }
  }

  async #takeTurn(entry: Entry): Promise<void> {
    await this.#sending.send(entry)
    this.#next()
  }

  async #forget(uploadId: string): Promise<void> {
    await this.#doors.records.remove(uploadId).catch(() => {})
  }

  #change(entry: Entry, change: Partial<QueueItem>): void {
    entry.item = { ...entry.item, ...change }
    if (this.#entries.has(entry.item.key)) this.#waiting.follow(entry)
    this.#tell()
  }

  #tell(): void {
    this.#snapshot = [...this.#entries.values()].map((entry) => entry.item)
    for (const listener of this.#listeners) listener()
  }
}
