import { Readable } from 'node:stream'
import type { ByteRange } from '#engine/storage/port.ts'
import { StorageError } from '#engine/storage/port.ts'
import { storageErrorOf } from '#engine/storage/s3-client.ts'

/** Asks for the bytes of a range; `signal` ends the request and its body. */
export type OpenRange = (range: ByteRange, signal: AbortSignal) => Promise<Readable>

const IDLE_MS = 15_000
const REOPENINGS = 3

/**
 * The bytes of a range, asked for when the first reader comes. A connection that breaks or falls silent in the middle
 * is made again from where it ended, a few times. Destroying the stream ends the request.
 */
export class S3ObjectStream extends Readable {
  readonly #open: OpenRange
  readonly #abort = new AbortController()
  #body: Readable | null = null
  #next: number
  readonly #end: number
  #reopenings = 0
  #idle: NodeJS.Timeout | undefined
  #wanted = false

  constructor(open: OpenRange, range: ByteRange) {
    super({ highWaterMark: 256 * 1024 })
    this.#open = open
    this.#next = range.start
    this.#end = range.end
  }

  override _read(): void {
    this.#wanted = true
    if (this.#next > this.#end) this.push(null)
    else if (this.#body) this.#flow(this.#body)
    else void this.#connect()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idle)
    // What has been read to its end leaves its connection to the pool.
    if (this.#next <= this.#end) this.#abort.abort()
    this.#body?.destroy()
    done(error)
  }

  #connecting = false
  async #connect(): Promise<void> {
    if (this.#connecting) return
    this.#connecting = true
    try {
      const body = await this.#open({ start: this.#next, end: this.#end }, this.#abort.signal)
      this.#connecting = false
      if (this.destroyed) return void body.destroy()
      this.#listen(body)
      if (this.#wanted) this.#flow(body)
    } catch (error) {
      this.#connecting = false
      if (!this.destroyed) this.destroy(storageErrorOf('GetObject', error))
    }
  }

  #listen(body: Readable): void {
    this.#body = body
    body.pause()
    body.on('data', (piece: Buffer) => this.#take(body, piece))
    body.once('error', () => this.#broken(body))
    body.once('close', () => this.#broken(body))
    body.once('end', () => this.#broken(body))
  }

  #take(body: Readable, piece: Buffer): void {
    if (body !== this.#body || this.destroyed) return
    clearTimeout(this.#idle)
    const fresh = piece.subarray(0, this.#end + 1 - this.#next)
    this.#next += fresh.length
    if (!this.push(fresh)) {
      this.#wanted = false
      body.pause()
    } else if (this.#next <= this.#end) this.#watch(body)
    if (this.#next > this.#end) {
      this.#body = null
      body.resume()
      this.push(null)
    }
  }

  #flow(body: Readable): void {
    this.#watch(body)
    body.resume()
  }

  /** Time is counted only while a reader waits: a slow one is no fault of the store. */
  #watch(body: Readable): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#broken(body), IDLE_MS)
    this.#idle.unref()
  }

  #broken(body: Readable): void {
    if (body !== this.#body || this.destroyed) return
    clearTimeout(this.#idle)
    this.#body = null
    body.destroy()
    this.#reopenings += 1
    if (this.#reopenings > REOPENINGS) this.destroy(new StorageError('GetObject', 'broken off'))
    else if (this.#wanted) void this.#connect()
  }
}
