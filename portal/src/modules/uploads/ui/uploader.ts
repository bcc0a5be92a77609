import { Hopeless, mustBeReadable, understand } from './upload-answer.ts'
import { backoffMs, chunkSizeFor, createSpeedometer } from './upload-pace.ts'
import type { ChunkAnswer } from './upload-transport.ts'
import { browserWorld, type UploaderWorld } from './upload-world.ts'

export type UploadPhase =
  | 'idle'
  | 'sending'
  | 'paused'
  | 'offline'
  | 'retrying'
  | 'done'
  | 'stopped'
  | 'failed'

export type UploadProgress = {
  phase: UploadPhase
  /** bytes that the server has, and of the chunk under way those that have left */
  sent: number
  /** bytes that the server has acknowledged */
  acknowledged: number
  size: number
  bytesPerSecond: number | null
  secondsLeft: number | null
  /** epoch milliseconds of the next try, in phase `retrying` */
  retryAt: number | null
  /** a sentence, in phases `retrying` and `failed` */
  error: string | null
  /** in phase `failed`: whether `resume` can help */
  resumable: boolean
}

export type UploaderOptions = {
  url: string
  file: Blob
  onProgress: (progress: UploadProgress) => void
  /** must be done before the server gets the last byte; tried again like a chunk unless it throws Hopeless */
  beforeLast?: () => Promise<void>
}

const TRIES_WITHOUT_PROGRESS = 12
const SILENCE_MS = 60_000

/** Ends the attempt under way, so that the loop looks at the wish and the connection again. */
class Interrupted extends Error {}

type Step = { next: number | 'complete' | null; retryAfterSeconds: number | null }

/**
 * Sends one file to a Content-Range upload URL (Google Cloud Storage's resumable protocol, as Mux hands it out).
 * Asks the server how far it is before the first byte and after every fault, and goes on from there; so it takes
 * over where a reload, a dropped connection or another tab left off.
 */
export class Uploader {
  readonly #url: string
  readonly #file: Blob
  readonly #world: UploaderWorld
  readonly #onProgress: (progress: UploadProgress) => void
  readonly #beforeLast: () => Promise<void>
  readonly #speed: ReturnType<typeof createSpeedometer>
  #wish: 'send' | 'pause' | 'stop' = 'pause'
  #attempt = new AbortController()
  #running = false
  #progress: UploadProgress

  constructor(options: UploaderOptions, world: Partial<UploaderWorld> = {}) {
    this.#url = options.url
    this.#file = options.file
    this.#onProgress = options.onProgress
    this.#beforeLast = options.beforeLast ?? (async () => {})
    this.#world = { ...browserWorld, ...world }
    this.#speed = createSpeedometer(this.#world.now)
    this.#progress = {
      phase: 'idle',
      sent: 0,
      acknowledged: 0,
      size: options.file.size,
      bytesPerSecond: null,
      secondsLeft: null,
      retryAt: null,
      error: null,
      resumable: false,
    }
  }

  get progress(): UploadProgress {
    return this.#progress
  }

  /** Begins, or goes on after a pause or a failure. */
  start(): void {
    if (this.#ended) return
    this.#wish = 'send'
    void this.#run()
  }

  pause(): void {
    if (this.#ended) return
    this.#wish = 'pause'
    this.#attempt.abort()
    if (!this.#running) this.#tell({ phase: 'paused' })
  }

  /** Stops for good and sends nothing more. */
  stop(): void {
    if (this.#ended) return
    this.#wish = 'stop'
    this.#attempt.abort()
    if (!this.#running) this.#tell({ phase: 'stopped' })
  }

  get #ended(): boolean {
    return this.#wish === 'stop' || this.#progress.phase === 'done'
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    try {
      while (this.#wish === 'send' && this.#progress.phase !== 'done') await this.#runOnce()
      this.#running = false
      if (this.#progress.phase === 'done') return
      this.#tell({ phase: this.#wish === 'stop' ? 'stopped' : 'paused' })
    } catch (error) {
      this.#running = false
      this.#wish = 'pause'
      const known = error instanceof Hopeless
      const sentence = known ? error.message : 'The upload stopped. Nothing is lost: try again.'
      this.#tell({ phase: 'failed', error: sentence, resumable: known ? error.resumable : true })
    }
  }

  async #runOnce(): Promise<void> {
    this.#attempt = new AbortController()
    this.#speed.reset()
    try {
      await this.#sendAll()
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
    }
  }

  /** Ask, send, ask again after a fault; ends when the server has the whole file. */
  async #sendAll(): Promise<void> {
    let offset: number | null = null
    let best = -1
    let tries = 0
    while (offset !== this.#file.size) {
      await this.#untilConnected()
      if (this.#progress.phase !== 'retrying') this.#tell({ phase: 'sending' })
      const from: number | null = offset
      const { next, retryAfterSeconds }: Step =
        from === null ? await this.#ask() : await this.#sendChunk(from)
      if (next === 'complete') break
      if (next !== null && next > best) {
        best = next
        tries = 0
      }
      if (next !== null && (from === null || next > from)) {
        offset = next
        this.#tell({ phase: 'sending', sent: next, acknowledged: next })
        continue
      }
      offset = null
      await mustBeReadable(this.#file, from ?? 0)
      tries += 1
      await this.#backOff(tries, retryAfterSeconds)
    }
    this.#tell({ phase: 'done', sent: this.#file.size, acknowledged: this.#file.size })
  }

  async #ask(): Promise<Step> {
    const answer = await this.#put(`bytes */${this.#file.size}`, null, this.#progress.sent)
    const nothingYet = answer.status === 308 && answer.range === null
    return { next: nothingYet ? 0 : understand(answer), retryAfterSeconds: answer.retryAfterSeconds }
  }

  async #sendChunk(from: number): Promise<Step> {
    const end = Math.min(from + chunkSizeFor(this.#speed.bytesPerSecond()), this.#file.size)
    if (end === this.#file.size && !(await this.#readyForLast()))
      return { next: null, retryAfterSeconds: null }
    this.#speed.note(from)
    const body = this.#file.slice(from, end, this.#file.type)
    const answer = await this.#put(`bytes ${from}-${end - 1}/${this.#file.size}`, body, from)
    return { next: understand(answer), retryAfterSeconds: answer.retryAfterSeconds }
  }

  /** False where another try may help. */
  async #readyForLast(): Promise<boolean> {
    const { signal } = this.#attempt
    const interrupted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Interrupted()), { once: true })
    })
    try {
      await Promise.race([this.#beforeLast(), interrupted])
      return true
    } catch (error) {
      if (error instanceof Hopeless || error instanceof Interrupted) throw error
      return false
    }
  }

  /** One PUT with a watchdog: a line that is silent for a minute is taken for dead. */
  async #put(contentRange: string, body: Blob | null, from: number): Promise<ChunkAnswer> {
    const silence = new AbortController()
    let heard = this.#world.now()
    const watchdog = setInterval(() => {
      if (this.#world.now() - heard > SILENCE_MS) silence.abort()
    }, 5000)
    const onProgress = (bytes: number) => {
      heard = this.#world.now()
      this.#speed.note(from + bytes)
      this.#tell({ phase: 'sending', sent: Math.min(from + bytes, this.#file.size) })
    }
    const signal = AbortSignal.any([silence.signal, this.#attempt.signal])
    try {
      return await this.#world.transport({ url: this.#url, contentRange, body, signal, onProgress })
    } catch (error) {
      if (this.#attempt.signal.aborted) throw new Interrupted()
      if (silence.signal.aborted) return { status: 0, range: null, retryAfterSeconds: null }
      throw error
    } finally {
      clearInterval(watchdog)
    }
  }

  async #untilConnected(): Promise<void> {
    if (this.#world.isOnline()) return
    const { signal } = this.#attempt
    this.#speed.reset()
    this.#tell({ phase: 'offline' })
    await new Promise<void>((resolve) => {
      const stop = this.#world.onConnection(() => this.#world.isOnline() && end())
      const end = () => {
        stop()
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
    })
    if (signal.aborted) throw new Interrupted()
  }

  /** Waits before another try; a connection that comes back ends the wait. */
  async #backOff(tries: number, retryAfterSeconds: number | null): Promise<void> {
    if (tries > TRIES_WITHOUT_PROGRESS) {
      throw new Hopeless(
        'The server has not taken a byte for several minutes. Nothing is lost: try again later.',
        true,
      )
    }
    const delay = Math.max(backoffMs(tries, this.#world.random), (retryAfterSeconds ?? 0) * 1000)
    const sentence = 'The connection broke off. The upload goes on where it stopped.'
    this.#speed.reset()
    this.#tell({ phase: 'retrying', retryAt: this.#world.now() + delay, error: sentence })
    const wake = new AbortController()
    const stopListening = this.#world.onConnection(() => wake.abort())
    const { signal } = this.#attempt
    await this.#world.wait(delay, AbortSignal.any([signal, wake.signal]))
    stopListening()
    if (signal.aborted) throw new Interrupted()
  }

  #tell(change: Partial<UploadProgress>): void {
    const next = { ...this.#progress, retryAt: null, error: null, resumable: false, ...change }
    const rate = next.phase === 'sending' ? this.#speed.bytesPerSecond() : null
    const secondsLeft = rate ? Math.ceil((next.size - next.sent) / rate) : null
    this.#progress = { ...next, bytesPerSecond: rate, secondsLeft }
    this.#onProgress(this.#progress)
  }
}
