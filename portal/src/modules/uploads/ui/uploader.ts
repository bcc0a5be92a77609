import { backoffMs, chunkSizeFor, createSpeedometer, offsetFromRange } from './upload-pace.ts'
import { browserTransport, type ChunkAnswer, type Transport } from './upload-transport.ts'

export type UploadPhase = 'idle' | 'sending' | 'paused' | 'offline' | 'retrying' | 'done' | 'stopped' | 'failed'

export type UploadProgress = {
  phase: UploadPhase
  /** bytes the server has, and of the chunk under way those that have left */
  sent: number
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

/** What the uploader needs of the world; the browser's own by default. */
export type UploaderWorld = {
  transport: Transport
  now: () => number
  random: () => number
  isOnline: () => boolean
  /** calls back at each change of the connection; returns how to stop */
  onConnection: (listener: () => void) => () => void
  /** resolves after `ms`, or at once when the signal aborts */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

const TRIES_WITHOUT_PROGRESS = 12
const SILENCE_MS = 60_000

const browserWorld: UploaderWorld = {
  transport: browserTransport,
  now: () => Date.now(),
  random: Math.random,
  isOnline: () => navigator.onLine,
  onConnection(listener) {
    addEventListener('online', listener)
    addEventListener('offline', listener)
    return () => {
      removeEventListener('online', listener)
      removeEventListener('offline', listener)
    }
  },
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    }),
}

/** An end that no retry can change. */
class Hopeless extends Error {
  readonly resumable: boolean

  constructor(message: string, resumable = false) {
    super(message)
    this.resumable = resumable
  }
}

/** Ends the attempt under way so that the loop looks at the wish and the connection again. */
class Interrupted extends Error {}

const refusals: Record<number, string> = {
  400: 'The server refused this file: its size changed since the upload began. Choose it again.',
  403: 'This upload is not yours any more. Choose the file again to start afresh.',
  404: 'This upload is not known any more. Choose the file again to start afresh.',
  410: 'This upload has ended. Choose the file again to start afresh.',
  413: 'This file is larger than the portal takes.',
  415: 'The portal does not take this kind of file.',
}

export type Uploader = {
  start(): void
  pause(): void
  resume(): void
  /** stops for good and sends nothing more */
  stop(): void
  progress(): UploadProgress
}

/**
 * Sends one file to a Content-Range upload URL (Google Cloud Storage's resumable protocol, as Mux hands it out).
 * Asks the server how far it is before the first byte and after every fault, and goes on from there; so it takes
 * over where a reload, a dropped connection or another machine left off. Never gives the same byte twice on purpose.
 */
export function createUploader(
  options: { url: string; file: Blob; onProgress: (progress: UploadProgress) => void },
  overrides: Partial<UploaderWorld> = {},
): Uploader {
  const world = { ...browserWorld, ...overrides }
  const { url, file, onProgress } = options
  const speed = createSpeedometer(world.now)
  let wish: 'send' | 'pause' | 'stop' = 'pause'
  let attempt = new AbortController()
  let running = false
  let progress: UploadProgress = {
    phase: 'idle',
    sent: 0,
    size: file.size,
    bytesPerSecond: null,
    secondsLeft: null,
    retryAt: null,
    error: null,
    resumable: false,
  }

  function tell(change: Partial<UploadProgress>) {
    progress = { ...progress, retryAt: null, error: null, resumable: false, ...change }
    const rate = progress.phase === 'sending' ? speed.bytesPerSecond() : null
    progress.bytesPerSecond = rate
    progress.secondsLeft = rate ? Math.ceil((progress.size - progress.sent) / rate) : null
    onProgress(progress)
  }

  /** One PUT with a watchdog: a line that is silent for a minute is taken for dead. */
  async function put(contentRange: string, body: Blob | null, from: number): Promise<ChunkAnswer> {
    const mine = new AbortController()
    const signal = AbortSignal.any([mine.signal, attempt.signal])
    let heard = world.now()
    const watchdog = setInterval(() => {
      if (world.now() - heard > SILENCE_MS) mine.abort(new Interrupted('silent'))
    }, 5000)
    try {
      return await world.transport({
        url,
        contentRange,
        body,
        signal,
        onProgress(bytes) {
          heard = world.now()
          speed.note(from + bytes)
          tell({ phase: 'sending', sent: Math.min(from + bytes, file.size) })
        },
      })
    } catch (error) {
      if (attempt.signal.aborted) throw new Interrupted('asked')
      if (mine.signal.aborted) return { status: 0, range: null, retryAfterSeconds: null }
      throw error
    } finally {
      clearInterval(watchdog)
    }
  }

  /** The next offset, or `complete`; null where the answer calls for another try. */
  function understand(answer: ChunkAnswer): number | 'complete' | null {
    if (answer.status === 200 || answer.status === 201) return 'complete'
    if (answer.status === 308) return offsetFromRange(answer.range)
    if (answer.status >= 400 && answer.status < 500 && ![408, 423, 425, 429].includes(answer.status)) {
      throw new Hopeless(refusals[answer.status] ?? 'The server refused this upload. Choose the file again.')
    }
    return null
  }

  async function ask(): Promise<number | 'complete' | null> {
    const answer = await put(`bytes */${file.size}`, null, progress.sent)
    if (answer.status === 308 && answer.range === null) return 0
    return understand(answer)
  }

  /** A file that was moved or changed on the disk fails like a dead line; only reading it tells them apart. */
  async function mustBeReadable(at: number): Promise<void> {
    try {
      await file.slice(at, at + 1).arrayBuffer()
    } catch {
      throw new Hopeless('The file cannot be read any more: it was moved, changed or taken out. Choose it again to go on.', true)
    }
  }

  async function untilConnected(): Promise<void> {
    if (world.isOnline()) return
    speed.reset()
    tell({ phase: 'offline' })
    const { signal } = attempt
    await new Promise<void>((resolve) => {
      const stop = world.onConnection(() => {
        if (!world.isOnline()) return
        stop()
        resolve()
      })
      signal.addEventListener('abort', () => {
        stop()
        resolve()
      })
    })
    if (signal.aborted) throw new Interrupted('asked')
  }

  async function backOff(tries: number, retryAfterSeconds: number | null): Promise<void> {
    if (tries > TRIES_WITHOUT_PROGRESS) {
      throw new Hopeless('The server has not taken a byte for several minutes. Nothing is lost: try again later.', true)
    }
    speed.reset()
    const delay = Math.max(backoffMs(tries, world.random), (retryAfterSeconds ?? 0) * 1000)
    tell({ phase: 'retrying', retryAt: world.now() + delay, error: 'The connection broke off. Going on where it stopped.' })
    const stopListening = world.onConnection(() => attempt.signal.aborted || wake.abort())
    const wake = new AbortController()
    await world.wait(delay, AbortSignal.any([attempt.signal, wake.signal]))
    stopListening()
    if (attempt.signal.aborted) throw new Interrupted('asked')
  }

  async function sendAll(): Promise<void> {
    let offset: number | null = null
    let best = progress.sent
    let tries = 0
    while (offset !== file.size) {
      await untilConnected()
      if (progress.phase !== 'retrying') tell({ phase: 'sending' })
      const from: number | null = offset
      const answer = from === null ? await askOrNull() : await sendChunk(from)
      if (answer.next === 'complete') break
      const moved = answer.next !== null && (from === null || answer.next > from)
      if (answer.next !== null && answer.next > best) {
        best = answer.next
        tries = 0
      }
      if (moved) {
        offset = answer.next
        tell({ phase: 'sending', sent: offset ?? 0 })
        continue
      }
      offset = null
      await mustBeReadable(from ?? progress.sent)
      tries += 1
      await backOff(tries, answer.retryAfterSeconds)
    }
    tell({ phase: 'done', sent: file.size })
  }

  async function askOrNull() {
    return { next: await ask(), retryAfterSeconds: null }
  }

  async function sendChunk(from: number) {
    const end = Math.min(from + chunkSizeFor(speed.bytesPerSecond()), file.size)
    speed.note(from)
    const answer = await put(`bytes ${from}-${end - 1}/${file.size}`, file.slice(from, end, file.type), from)
    return { next: understand(answer), retryAfterSeconds: answer.retryAfterSeconds }
  }

  async function run() {
    if (running) return
    running = true
    while (wish === 'send') {
      attempt = new AbortController()
      speed.reset()
      try {
        await sendAll()
        break
      } catch (error) {
        if (error instanceof Interrupted) continue
        const hopeless = error instanceof Hopeless ? error : new Hopeless('The upload stopped. Nothing is lost: try again.', true)
        wish = 'pause'
        running = false
        tell({ phase: 'failed', error: hopeless.message, resumable: hopeless.resumable })
        return
      }
    }
    running = false
    if (wish === 'pause') tell({ phase: 'paused' })
    if (wish === 'stop') tell({ phase: 'stopped' })
  }

  return {
    start() {
      wish = 'send'
      void run()
    },
    resume() {
      if (progress.phase === 'done' || wish === 'stop') return
      wish = 'send'
      void run()
    },
    pause() {
      if (progress.phase === 'done' || wish === 'stop') return
      wish = 'pause'
      attempt.abort()
    },
    stop() {
      wish = 'stop'
      attempt.abort()
      if (!running) tell({ phase: 'stopped' })
    },
    progress: () => progress,
  }
}
