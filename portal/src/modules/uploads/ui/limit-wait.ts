import type { Entry } from './queue-entry.ts'
import type { QueueDoors, QueueItem } from './queue-item.ts'

/** Why the server takes nothing for now, and for how long. */
export type Held = {
  /** a limit that ends by itself, or a portal that can't do it just now */
  why: 'limit' | 'busy'
  /** the limit as it is told, such as "20 in a day", and where to read about it; null where none is named */
  limit: string | null
  help: string | null
  seconds: number
}

/** What a file waits for. */
export type Wait = Omit<Held, 'seconds'> & {
  /** epoch milliseconds, by this device's clock */
  until: number
}

/** A limit ends when it says; a portal that is busy again and again is not. */
const BUSY_TRIES = 5

type Queue = {
  entries(): Iterable<Entry>
  change(entry: Entry, change: Partial<QueueItem>): void
  /** starts those that wait for their turn */
  next(): void
}

/** Files that a limit refused: they keep their place, ask again by themselves once it ends, and until then nobody asks. */
export class LimitWait {
  readonly #doors: Pick<QueueDoors, 'now' | 'heldBy' | 'at'>
  readonly #queue: Queue
  readonly #busy = new WeakMap<Entry, number>()
  #wait: Wait | null = null
  #stop = () => {}

  constructor(doors: QueueDoors, queue: Queue) {
    this.#doors = doors
    this.#queue = queue
  }

  /** Whether what the server said is a wait; the file stands aside until then. */
  meet(entry: Entry, error: unknown): boolean {
    const held = this.#doors.heldBy(error)
    if (!held) return false
    const tries = (this.#busy.get(entry) ?? 0) + 1
    if (held.why === 'busy') {
      if (tries > BUSY_TRIES) return false
      this.#busy.set(entry, tries)
    }
    const { seconds, ...told } = held
    const pause = held.why === 'busy' ? seconds * 2 ** (tries - 1) : seconds
    const wait = { ...told, until: this.#doors.now() + pause * 1000 }
    this.recall(wait)
    this.#queue.change(entry, { state: 'limited', wait, error: null })
    return true
  }

  /** A wait that is known: of this answer, or of an earlier visit of the page. */
  recall(wait: Wait): void {
    if (wait.until <= Math.max(this.#doors.now(), this.#wait?.until ?? 0)) return
    this.#wait = wait
    this.#stop()
    this.#stop = this.#doors.at(wait.until, () => this.#end())
  }

  /** What has not begun would meet the same limit: it waits as well, and is not counted for asking. */
  holdBack(): void {
    if (!this.#wait) return
    for (const entry of this.#queue.entries())
      if (entry.item.state === 'queued' && !entry.item.uploadId && !entry.release)
        this.#queue.change(entry, { state: 'limited', wait: this.#wait })
  }

  /** Somebody wants it tried now: their limit may have been raised meanwhile. */
  lift(): void {
    this.#stop()
    this.#wait = null
  }

  #end(): void {
    this.#wait = null
    for (const entry of this.#queue.entries())
      if (entry.item.state === 'limited') this.#queue.change(entry, { state: 'queued', wait: null })
    this.#queue.next()
  }
}
