import { fileOf } from './file-handle.ts'
import type { Wait } from './limit-wait.ts'
import { blankItem, type Entry } from './queue-entry.ts'
import type { QueueDoors, QueueState } from './queue-item.ts'

/** What a browser keeps of a chosen file whose upload has not begun: nobody but this browser knows of it. */
export type WaitingFile = {
  id: string
  name: string
  /** bytes */
  size: number
  /** epoch milliseconds by this device's clock */
  since: number
  /** among those that were chosen with it */
  place: number
  /** the limit that it waits for, as it was told last */
  wait: Wait | null
  /** where the browser gives one: the file itself */
  handle?: FileSystemFileHandle
}

export type WaitingStore = {
  all(): Promise<WaitingFile[]>
  put(file: WaitingFile): Promise<void>
  remove(id: string): Promise<void>
}

const KEPT: ReadonlySet<QueueState> = new Set(['queued', 'limited', 'paused'])

/**
 * Files that wait for their turn or for a limit, kept over a reload: the page then says which they were. A browser gives few
 * files back, so most must be chosen again. The tab that has one in hand holds its lock; others leave it alone.
 */
export class WaitingFiles {
  readonly #doors: Pick<QueueDoors, 'waiting' | 'alone' | 'now'>
  readonly #held = new Map<string, () => void>()
  #written: Promise<void> = Promise.resolve()

  constructor(doors: QueueDoors) {
    this.#doors = doors
  }

  /** Keeps a file that waits, forgets one that has begun or was refused. */
  follow(entry: Entry): void {
    const { uploadId, state, wait } = entry.item
    if (uploadId !== null || state === 'refused') this.drop(entry)
    else if (KEPT.has(state)) this.#keep(entry, wait)
  }

  #keep(entry: Entry, wait: Wait | null): void {
    const { name, size } = entry.item
    const { note } = entry
    if (note && (wait === null || wait.until === note.wait?.until)) return
    const id = note?.id ?? `waiting-${crypto.randomUUID()}`
    entry.note = { id, name, size, since: note?.since ?? this.#doors.now(), place: entry.place ?? 0, wait }
    const handle = entry.chosen?.handle ?? note?.handle
    if (handle) entry.note.handle = handle
    if (!note) void this.#hold(id)
    this.#write(entry.note)
  }

  drop(entry: Entry): void {
    const { note } = entry
    if (!note) return
    entry.note = undefined
    this.#held.get(note.id)?.()
    this.#held.delete(note.id)
    this.#enqueue(() => this.#doors.waiting.remove(note.id))
  }

  /** What earlier visits left waiting, and no other tab has in hand. */
  async restore(): Promise<Entry[]> {
    await this.#written
    const notes = await this.#doors.waiting.all().catch(() => [])
    const entries: Entry[] = []
    for (const note of notes.toSorted((one, other) => one.place - other.place)) {
      if (this.#held.has(note.id) || !(await this.#hold(note.id))) continue
      const chosen = note.handle ? await fileOf(note.handle, false) : undefined
      const { name, size, wait } = note
      const state = chosen ? ('queued' as const) : ('needs-file' as const)
      const hasFile = note.handle !== undefined
      entries.push({
        item: { ...blankItem, key: note.id, name, size, state, wait, hasFile },
        head: null,
        place: note.place,
        note,
        chosen,
      })
    }
    return entries
  }

  /** False where another tab has it in hand. */
  async #hold(id: string): Promise<boolean> {
    const [held, over] = [Promise.withResolvers<boolean>(), Promise.withResolvers<void>()]
    this.#held.set(id, over.resolve)
    const work = async () => {
      held.resolve(true)
      await over.promise
    }
    this.#doors.alone(id, work).then(held.resolve, () => held.resolve(false))
    const isHeld = await held.promise
    if (!isHeld) this.#held.delete(id)
    return isHeld
  }

  #write(note: WaitingFile): void {
    this.#enqueue(() => this.#doors.waiting.put(note))
  }

  /** One after the other: a file that is forgotten must not be written after that. */
  #enqueue(work: () => Promise<void>): void {
    // A browser that keeps nothing (private windows) forgets them with the page, no more.
    this.#written = this.#written.then(work).catch(() => {})
  }
}
