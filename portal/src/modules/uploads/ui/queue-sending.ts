import { openPlace } from './open-place.ts'
import type { Entry } from './queue-entry.ts'
import { type Place, type QueueDoors, type QueueItem, RESTING, SENDING } from './queue-item.ts'
import { SenderReports } from './sender-reports.ts'
import { Hopeless } from './upload-answer.ts'
import type { UploadProgress } from './uploader.ts'

type Queue = {
  has(entry: Entry): boolean
  change(entry: Entry, change: Partial<QueueItem>): void
  /** nobody goes on with this upload any more */
  forget(uploadId: string): Promise<void>
  /** whether what the server said is a wait, which the file then has */
  isHeld(entry: Entry, error: unknown): boolean
  /** another tab has this upload in hand */
  takeUpWhenFree(uploadId: string): void
}

/** One file's turn: it opens its place at the video service, sends, and follows what becomes of it. */
export class QueueSending {
  readonly #doors: QueueDoors
  readonly #queue: Queue

  constructor(doors: QueueDoors, queue: Queue) {
    this.#doors = doors
    this.#queue = queue
  }

  /** Takes an entry's turn, from first to last. */
  async send(entry: Entry): Promise<void> {
    const turn = Promise.withResolvers<void>()
    entry.release = turn.resolve
    this.#queue.change(entry, { state: 'preparing' })
    try {
      const place = await openPlace(this.#doors, entry, (change) => this.#queue.change(entry, change))
      if (place) {
        const ran = await this.#doors.alone(place.id, async () => {
          if (!this.#queue.has(entry)) return
          this.#start(entry, place)
          await turn.promise
        })
        if (!ran) {
          this.#queue.change(entry, { state: 'elsewhere', where: 'tab' })
          this.#queue.takeUpWhenFree(place.id)
        }
      }
    } catch (error) {
      if (!this.#queue.isHeld(entry, error)) await this.#refuse(entry, error)
    }
    entry.release = undefined
  }

  async #refuse(entry: Entry, error: unknown): Promise<void> {
    const isOver = this.#doors.isOver(error)
    if (isOver) await this.#queue.forget(entry.item.uploadId ?? '')
    const state = entry.item.uploadId && !isOver ? 'paused' : 'refused'
    this.#queue.change(entry, { state, error: this.#doors.sentence(error) })
  }

  #start(entry: Entry, place: Place): void {
    entry.gaveWay = false
    const file = entry.chosen?.file
    if (!file) throw new Error('an upload was started without its file')
    entry.hash ??= this.#doors.hash(file)
    entry.reports ??= new SenderReports(
      (bytes) => this.#doors.report(place.id, bytes),
      () => this.#giveWay(entry),
    )
    entry.uploader ??= this.#doors.uploader({
      url: place.uploadUrl,
      file,
      onProgress: (progress) => this.#follow(entry, progress),
      beforeLast: () => this.#declare(entry, place.id),
    })
    entry.uploader.start()
  }

  async #declare(entry: Entry, uploadId: string): Promise<void> {
    const sum = await entry.hash?.digest()
    if (!sum) return
    try {
      await this.#doors.declare(uploadId, sum)
    } catch (error) {
      throw this.#doors.isOver(error) ? new Hopeless(this.#doors.sentence(error)) : error
    }
  }

  /** The same person goes on in another place: there can be one sender only. */
  #giveWay(entry: Entry): void {
    if (!SENDING.has(entry.item.state)) return
    entry.gaveWay = true
    entry.uploader?.pause()
  }

  #follow(entry: Entry, progress: UploadProgress): void {
    const { phase, error, resumable, sent, acknowledged } = progress
    entry.hash?.follow(sent)
    if (phase === 'sending') entry.reports?.note(acknowledged)
    const elsewhere = phase === 'paused' && entry.gaveWay
    this.#queue.change(entry, {
      state: elsewhere ? 'elsewhere' : phase,
      where: elsewhere ? 'device' : null,
      progress,
      error: phase === 'failed' ? error : null,
    })
    const { uploadId } = entry.item
    if (uploadId) this.#doors.tabs.tell({ uploadId, state: phase, progress })
    if (phase === 'done' || (phase === 'failed' && !resumable)) {
      entry.hash?.stop()
      void this.#queue.forget(uploadId ?? '')
    }
    if (RESTING.has(phase)) entry.release?.()
  }
}
