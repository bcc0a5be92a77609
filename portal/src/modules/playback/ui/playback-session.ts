import type { Chapter } from '#portal/modules/videos/rules.ts'
import { ApiError } from '#portal/ui/api-client.ts'

/** What the server grants for one view; a later grant renews the same one. */
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

/** Longest wait between two tries on a dead line. */
export const RETRY_CEILING_MS = 15_000
/** A view that is paused and out of sight is kept alive this long; after that its token may end. */
export const REST_AFTER_MS = 600_000
/** Requests that were under way when the token was renewed may still come back refused for this long. */
const IN_FLIGHT_MS = 1000
/** Refusals that follow a renewal within this time belong together. */
const SETTLE_MS = 10_000
/** Fresh tokens that the media server may refuse in a row, a second to eight apart, before the view is over. */
const MOST_UNWELCOME = 5
const OVER = [401, 403, 404, 410]

/**
 * Keeps one view alive: asks for a new token ahead of the old one's end, then touches the new playback URL once, so
 * that the engine's session lives on under the URLs the player already has. The portal alone decides whether the view
 * goes on: its refusal ends it for good. A dead line does not, it is tried again until it answers; and a media server
 * that refuses a fresh token (signed by a key that has just died) is a reason to ask the portal again, a few times.
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
  #endsAt = Number.POSITIVE_INFINITY
  #renewing: Promise<void> | null = null
  #renewedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #fails = 0
  /** Fresh tokens refused in a row, and renewals in a row after which media was refused still. */
  #tokenRefusals = 0
  #mediaRefusals = 0
  #restsSince: number | null = null
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
    this.#stopListening = this.#world.onWake(() => this.#wake())
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

  /** Whether the token has ended, as far as this clock tells: media that is asked for now is refused. */
  get lapsed(): boolean {
    return this.#world.now() >= this.#endsAt
  }

  /** A sign that time has passed: timers of hidden pages are late, and those of a sleeping machine stand still. */
  poke(): void {
    if (!this.#over && this.#world.now() >= this.#dueAt) void this.renew()
  }

  /** Tells whether nobody watches: paused, and out of sight. A view that was left alone renews when it is back. */
  rest(resting: boolean): void {
    if (this.#over) return
    if (resting) this.#restsSince ??= this.#world.now()
    else {
      this.#restsSince = null
      this.poke()
    }
  }

  /** The media server refused a request: renew, unless that is under way, planned or has just been done. */
  async refused(): Promise<void> {
    if (this.#over) return
    const sinceRenewal = this.#world.now() - this.#renewedAt
    if (this.#renewing) return await this.#renewing
    // Planned, though a hidden page's timers may be a minute late.
    if (this.#fails > 0) return this.poke()
    if (sinceRenewal >= 0 && sinceRenewal <= IN_FLIGHT_MS) return
    // A clock that was set back is no reason to give up: only a time that surely went by counts.
    this.#mediaRefusals = sinceRenewal >= 0 && sinceRenewal < SETTLE_MS ? this.#mediaRefusals + 1 : 0
    if (this.#mediaRefusals >= MOST_UNWELCOME) return this.end('refused')
    await this.renew()
  }

  /** Renews now; joins a renewal that is under way. */
  renew(): Promise<void> {
    if (this.#over) return Promise.resolve()
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  #wake(): void {
    if (this.#over || this.#isLeftAlone()) return
    const waited = this.#world.now() - this.#triedAt
    const lineMayBeBack =
      this.#fails > 0 && this.#tokenRefusals === 0 && (waited < 0 || waited > IN_FLIGHT_MS)
    if (lineMayBeBack) void this.renew()
    else this.poke()
  }

  #isLeftAlone(): boolean {
    return this.#restsSince !== null && this.#world.now() - this.#restsSince >= REST_AFTER_MS
  }

  async #renewOnce(): Promise<void> {
    this.#world.clearTimer(this.#timer)
    this.#triedAt = this.#world.now()
    try {
      const issued = await this.#issue()
      const status = await this.#extend(issued.grant.playbackUrl)
      if (this.#over) return
      if (OVER.includes(status)) return this.#tokenRefused()
      if (status < 200 || status >= 300) return this.#tryAgain()
      this.#fails = 0
      this.#tokenRefusals = 0
      this.#renewedAt = this.#world.now()
      this.#plan(issued)
      this.#onRenewed(issued.grant)
    } catch (error) {
      if (this.#over) return
      if (error instanceof ApiError && OVER.includes(error.status)) return this.end('refused')
      this.#tryAgain(error instanceof ApiError ? error.retryAfterSeconds : undefined)
    }
  }

  /** The portal said yes and the media server no. */
  #tokenRefused(): void {
    this.#tokenRefusals += 1
    if (this.#tokenRefusals >= MOST_UNWELCOME) this.end('refused')
    else this.#tryAgain(2 ** (this.#tokenRefusals - 1))
  }

  #plan({ grant, skewMs }: Issued): void {
    const now = this.#world.now()
    const refreshAt = Date.parse(grant.refreshAfter) - skewMs
    const early = Math.max(0, refreshAt - now) * 0.15 * this.#world.random()
    this.#endsAt = Date.parse(grant.expiresAt) - skewMs
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
    const run = () => {
      if (!this.#isLeftAlone()) void this.renew()
    }
    this.#timer = this.#world.setTimer(run, Math.max(0, at - this.#world.now()))
  }
}
