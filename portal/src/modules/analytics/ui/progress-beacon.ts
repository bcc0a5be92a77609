import { type Played, PlayedParts } from './played-parts.ts'

/** One report; a batch that comes twice is counted once. */
export type Batch = { run: string; seq: number; segments: Played[] }

/** How the server took a batch: it wants more, wants none, or could not be reached. */
export type Taken = 'kept' | 'unwanted' | 'failed'

/** As much of a media element as is needed. */
export type Playing = Pick<
  HTMLVideoElement,
  'currentTime' | 'paused' | 'seeking' | 'playbackRate' | 'addEventListener' | 'removeEventListener'
>

export type BeaconWorld = {
  /** milliseconds, on a clock that never jumps */
  now: () => number
  newRun: () => string
  repeat: (run: () => void, ms: number) => () => void
  /** calls back when the page may be gone in a moment; returns how to stop */
  onHide: (listener: () => void) => () => void
  send: (batch: Batch) => Promise<Taken>
  /** a last word of a page that goes: nobody hears the answer */
  sendLast: (batch: Batch) => void
}

const REPORT_MS = 15_000

/**
 * Reports which parts of a video are really played: every 15 s, at a pause, at the end, and when the page is hidden.
 * What could not be sent is sent again under its old number, together with nothing else; what is played meanwhile waits.
 * @returns how to stop
 */
export function attachProgress(video: Playing, url: string, world: Partial<BeaconWorld> = {}): () => void {
  return new ProgressBeacon(video, { ...browserWorld(url), ...world }).start()
}

class ProgressBeacon {
  readonly #video: Playing
  readonly #world: BeaconWorld
  readonly #run: string
  readonly #parts = new PlayedParts()
  #seq = 0
  #unsent: Batch | null = null
  #sending = false
  #unwanted = false

  constructor(video: Playing, world: BeaconWorld) {
    this.#video = video
    this.#world = world
    this.#run = world.newRun()
  }

  start(): () => void {
    const video = this.#video
    const listeners: [string, () => void][] = [
      ['timeupdate', () => this.#look()],
      ['playing', () => this.#look()],
      ['ratechange', () => this.#look()],
      ['seeking', () => this.#parts.jumped()],
      ['waiting', () => this.#stop()],
      ['pause', () => this.#stopAndReport()],
      ['ended', () => this.#stopAndReport()],
    ]
    for (const [name, listener] of listeners) video.addEventListener(name, listener)
    const stopTimer = this.#world.repeat(() => void this.#report(), REPORT_MS)
    const stopHide = this.#world.onHide(() => this.#lastWord())
    return () => {
      for (const [name, listener] of listeners) video.removeEventListener(name, listener)
      stopTimer()
      stopHide()
      this.#lastWord()
    }
  }

  #look(): void {
    const { paused, seeking, currentTime, playbackRate } = this.#video
    if (!paused && !seeking) this.#parts.moved(currentTime, this.#world.now() / 1000, playbackRate)
  }

  #stop(): void {
    const { seeking, currentTime, playbackRate } = this.#video
    if (seeking) this.#parts.jumped()
    else this.#parts.stopped(currentTime, this.#world.now() / 1000, playbackRate)
  }

  #stopAndReport(): void {
    this.#stop()
    void this.#report()
  }

  async #report(): Promise<void> {
    if (this.#sending || this.#unwanted) return
    this.#look()
    const batch = this.#unsent ?? this.#next()
    if (!batch) return
    this.#unsent = batch
    this.#sending = true
    const taken = await this.#world.send(batch).catch((): Taken => 'failed')
    this.#sending = false
    if (taken === 'failed') return
    // A last word may have gone out meanwhile, with this batch in it.
    if (this.#unsent === batch) this.#unsent = null
    this.#unwanted = taken === 'unwanted'
  }

  /** Nobody tells whether it arrives: what is sent again counts once. */
  #lastWord(): void {
    if (this.#unwanted) return
    this.#look()
    if (this.#unsent) this.#world.sendLast(this.#unsent)
    const batch = this.#next()
    if (batch) this.#world.sendLast(batch)
  }

  #next(): Batch | null {
    const segments = this.#parts.take()
    if (segments.length === 0) return null
    this.#seq += 1
    return { run: this.#run, seq: this.#seq, segments: segments.map(rounded) }
  }
}

const rounded = ([from, to]: Played): Played => [Math.round(from * 1000) / 1000, Math.round(to * 1000) / 1000]

const DEADLINE_MS = 10_000

function browserWorld(url: string): BeaconWorld {
  return {
    now: () => performance.now(),
    newRun: () => crypto.randomUUID().replaceAll('-', ''),
    repeat(run, ms) {
      const timer = setInterval(run, ms)
      return () => clearInterval(timer)
    },
    onHide(listener) {
      const hidden = () => document.visibilityState === 'hidden' && listener()
      document.addEventListener('visibilitychange', hidden)
      addEventListener('pagehide', listener)
      return () => {
        document.removeEventListener('visibilitychange', hidden)
        removeEventListener('pagehide', listener)
      }
    },
    async send(batch) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(batch),
        keepalive: true,
        signal: AbortSignal.timeout(DEADLINE_MS),
      })
      if (answer.ok) return ((await answer.json()) as { kept: boolean }).kept ? 'kept' : 'unwanted'
      // What the server will never take is not sent again.
      return answer.status >= 500 || answer.status === 429 ? 'failed' : 'kept'
    },
    sendLast(batch) {
      navigator.sendBeacon(url, new Blob([JSON.stringify(batch)], { type: 'application/json' }))
    },
  }
}
