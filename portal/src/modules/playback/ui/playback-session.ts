import type { Chapter } from '#portal/modules/videos/chapters.ts'
import { ApiError } from '#portal/ui/api-client.ts'

/** What the server grants for one view; a later grant renews the same one without changing its media URLs. */
export type Grant = {
  playbackUrl: string
  expiresAt: string
  refreshAfter: string
  posterUrl: string
  storyboardUrl: string
  title: string
  duration: number | null
  chapters?: Chapter[]
  until?: string
  viewsLeft?: number | null
}

/** A grant, and how far the server's clock is ahead of ours, in milliseconds. */
export type Issued = { grant: Grant; skewMs: number }

export type EndReason = 'revoked' | 'expired' | 'video_deleted' | 'refused'

export type SessionWorld = {
  now: () => number
  random: () => number
  setTimer: (run: () => void, ms: number) => unknown
  clearTimer: (timer: unknown) => void
  /** calls back when the page may have slept or been away: back online, visible, restored; returns how to stop */
  onWake: (listener: () => void) => () => void
}

const wakeEvents = ['online', 'pageshow', 'focus'] as const

const browserWorld: SessionWorld = {
  now: () => Date.now(),
  random: Math.random,
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as number),
  onWake(listener) {
    for (const name of wakeEvents) addEventListener(name, listener)
    document.addEventListener('visibilitychange', listener)
    return () => {
      for (const name of wakeEvents) removeEventListener(name, listener)
      document.removeEventListener('visibilitychange', listener)
    }
  },
}

const RETRY_CEILING_MS = 15_000
const SETTLE_MS = 8000

/**
 * Keeps one view alive: asks for a new token ahead of the old one's end, then touches the new playback URL once, so
 * that the engine's session lives on under the URLs the player already has. A refusal ends the view for good; a dead
 * line does not: it is tried again until it answers.
 */
export class PlaybackSession {
  readonly #issue: () => Promise<Issued>
  readonly #extend: (playbackUrl: string) => Promise<number>
  readonly #onEnd: (reason: EndReason) => void
  readonly #onRenewed: (grant: Grant) => void
  readonly #world: SessionWorld
  #timer: unknown
  #stopListening: () => void = () => {}
  #dueAt = Number.POSITIVE_INFINITY
  #renewing: Promise<void> | null = null
  #renewedAt = Number.NEGATIVE_INFINITY
  #fails = 0
  #over = false

  constructor(
    options: {
      issue: () => Promise<Issued>
      /** fetches the master playlist; resolves with the status, 0 for no answer */
      extend: (playbackUrl: string) => Promise<number>
      onEnd: (reason: EndReason) => void
      onRenewed?: (grant: Grant) => void
    },
    world: Partial<SessionWorld> = {},
  ) {
    this.#issue = options.issue
    this.#extend = options.extend
    this.#onEnd = options.onEnd
    this.#onRenewed = options.onRenewed ?? (() => {})
    this.#world = { ...browserWorld, ...world }
  }

  /** Begins to keep `first` alive. */
  start(first: Issued): void {
    this.#renewedAt = this.#world.now()
    this.#plan(first)
    this.#stopListening = this.#world.onWake(() => {
      if (this.#world.now() >= this.#dueAt) void this.renew()
    })
  }

  /** Lets the view end with its token. */
  stop(): void {
    this.#over = true
    this.#world.clearTimer(this.#timer)
    this.#stopListening()
  }

  /** Ends the view at once, for example because the server said so. */
  end(reason: EndReason): void {
    if (this.#over) return
    this.stop()
    this.#onEnd(reason)
  }

  /** The media server refused a request: renew once; if it still refuses a moment after that, the view is over. */
  async refused(): Promise<void> {
    if (this.#over) return
    const sinceRenewal = this.#world.now() - this.#renewedAt
    if (this.#renewing === null && this.#fails === 0 && sinceRenewal < SETTLE_MS && sinceRenewal > 1000) {
      return this.end('refused')
    }
    if (sinceRenewal > 1000) await this.renew()
  }

  /** Renews now; joins a renewal that is under way. */
  renew(): Promise<void> {
    if (this.#over) return Promise.resolve()
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  async #renewOnce(): Promise<void> {
    this.#world.clearTimer(this.#timer)
    try {
      const issued = await this.#issue()
      const status = await this.#extend(issued.grant.playbackUrl)
      if (this.#over) return
      if (status === 403 || status === 404 || status === 410) return this.end('refused')
      if (status < 200 || status >= 300) return this.#tryAgain()
      this.#fails = 0
      this.#renewedAt = this.#world.now()
      this.#plan(issued)
      this.#onRenewed(issued.grant)
    } catch (error) {
      if (this.#over) return
      if (error instanceof ApiError && [401, 403, 404, 410].includes(error.status)) return this.end('refused')
      this.#tryAgain(error instanceof ApiError ? error.retryAfterSeconds : undefined)
    }
  }

  #plan({ grant, skewMs }: Issued): void {
    const now = this.#world.now()
    const refreshAt = Date.parse(grant.refreshAfter) - skewMs
    const early = Math.max(0, refreshAt - now) * 0.15 * this.#world.random()
    this.#wakeAt(refreshAt - early)
  }

  #tryAgain(retryAfterSeconds = 0): void {
    this.#fails += 1
    const backoff = Math.min(RETRY_CEILING_MS, 500 * 2 ** this.#fails) * (0.5 + this.#world.random() / 2)
    this.#wakeAt(this.#world.now() + Math.max(backoff, retryAfterSeconds * 1000))
  }

  #wakeAt(at: number): void {
    this.#dueAt = at
    this.#world.clearTimer(this.#timer)
    this.#timer = this.#world.setTimer(() => void this.renew(), Math.max(0, at - this.#world.now()))
  }
}
