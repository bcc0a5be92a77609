import type { Entry } from './queue-entry.ts'
import type { QueueDoors, QueueItem } from './queue-item.ts'
import type { TabMessage } from './tab-channel.ts'

/** What a queue lets other tabs do to it. */
type Queue = {
  find(uploadId: string): Entry | undefined
  change(entry: Entry, change: Partial<QueueItem>): void
  pause(key: string): void
  drop(entry: Entry): void
}

/** Uploads that another tab of this browser has in hand: it tells how far they are, and hears what is wished of them. */
export class TabTalk {
  readonly #doors: Pick<QueueDoors, 'tabs' | 'whenFree' | 'listOpen'>
  readonly #queue: Queue

  constructor(doors: QueueDoors, queue: Queue) {
    this.#doors = doors
    this.#queue = queue
    doors.tabs.listen((message) => this.#hear(message))
  }

  /** When the other tab has closed or finished, this one knows what is left of it. */
  async takeUpWhenFree(uploadId: string): Promise<void> {
    await this.#doors.whenFree(uploadId)
    const entry = this.#queue.find(uploadId)
    if (entry?.item.state !== 'elsewhere') return
    const open = await this.#doors.listOpen().catch(() => null)
    const left = open?.find(({ id }) => id === uploadId)
    if (open && !left) return this.#queue.change(entry, { state: 'done', where: null })
    this.#queue.change(entry, {
      ...{ state: 'needs-file', where: null, progress: null },
      stored: left?.receivedBytes ?? entry.item.stored,
    })
  }

  #hear(message: TabMessage): void {
    const entry = this.#queue.find(message.uploadId)
    if (!entry) return
    const { state, where, key } = entry.item
    if (!('wish' in message)) {
      if (state === 'elsewhere' && where === 'tab') this.#queue.change(entry, { progress: message.progress })
    } else if (message.wish === 'cancel') this.#queue.drop(entry)
    else if (state !== 'elsewhere') this.#queue.pause(key)
  }
}
