import type { Chapter } from '#portal/modules/videos/rules.ts'
import { ApiError } from '#portal/ui/api-client.ts'
import { browserWorld, type Moment, type SessionWorld, since } from './session-world.ts'

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

/** Something that happens `ms` after a moment. */
type Span = { from: Moment; ms: number }

const NEVER: Span = { from: { ticks: 0, wall: 0 }, ms: Number.POSITIVE_INFINITY }

/**
 * Keeps one view alive: asks for a new token ahead of the old one's end, then touches the new playback URL once, so
 * that the engine's session lives on under the URLs the player already has. The portal alone decides whether the view
 * goes on: its refusal ends it for good. A dead line does not, it is tried again until it answers; and a media server
 * that refuses a fresh token (signed by a key that has just died) is a reason to ask the portal again, a few times.
 * The device's clock is compared with a token's end once, when the token comes; from there on time is what goes by.
 */
export class PlaybackSession {
  readonly #issue: () => Promise<Issued>
  readonly #extend: (playbackUrl: string) => Promise<number>
  readonly #onEnd: (reason: EndReason) => void
  readonly #onRenewed: (grant: Grant) => void
  readonly #world: SessionWorld
  #timer: unknown
  #stopListening: () => void = () => {}
  /** The next renewal or try. */
  #planned: Span = NEVER
  #token: Span = NEVER
  #renewing: Promise<void> | null = null
  #renewedAt: Moment | null = null
  #triedAt: Moment | null = null
  #fails = 0
  /** Fresh tokens refused in a row, and renewals in a row after which media was refused still. */
  #tokenRefusals = 0
  #mediaRefusals = 0
  #restsSince: Moment | null = null
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
    return this.#isPast(this.#token)
  }

  /** Whether the last try brought no token, and another is planned. */
  get failing(): boolean {
    return this.#fails > 0
  }

  /** A sign that time has passed: timers of hidden pages are late, and those of a sleeping machine stand still. */
  poke(): void {
    if (!this.#over && this.#isPast(this.#planned)) void this.renew()
  }

  /** Tells whether nobody watches: paused, and out of sight. A view that was left alone renews when it is back. */
  rest(resting: boolean): void {
    if (this.#over) return
    if (resting) this.#restsSince ??= this.#now()
    else {
      this.#restsSince = null
      this.poke()
    }
  }

  /** The media server refused a request: renew, unless that is under way, planned or has just been done. */
  async refused(): Promise<void> {
    if (this.#over) return
    if (this.#renewing) return await this.#renewing
    // Planned, though a hidden page's timers may be a minute late.
    if (this.#fails > 0) return this.poke()
    const sinceRenewal = this.#since(this.#renewedAt)
    if (sinceRenewal <= IN_FLIGHT_MS) return
    this.#mediaRefusals = sinceRenewal < SETTLE_MS ? this.#mediaRefusals + 1 : 0
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
    const lineMayBeBack =
      this.#fails > 0 && this.#tokenRefusals === 0 && this.#since(this.#triedAt) > IN_FLIGHT_MS
    if (lineMayBeBack) void this.renew()
    else this.poke()
  }

  #isLeftAlone(): boolean {
    return this.#restsSince !== null && this.#since(this.#restsSince) >= REST_AFTER_MS
  }

  async #renewOnce(): Promise<void> {
    this.#world.clearTimer(this.#timer)
    this.#triedAt = this.#now()
    try {
      const issued = await this.#issue()
      const status = await this.#extend(issued.grant.playbackUrl)
      if (this.#over) return
      if (OVER.includes(status)) return this.#tokenRefused()
      if (status < 200 || status >= 300) return this.#tryAgain()
      this.#fails = 0
      this.#tokenRefusals = 0
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
    const now = this.#now()
    const serverNow = now.wall + skewMs
    const refreshIn = Math.max(0, Date.parse(grant.refreshAfter) - serverNow)
    this.#renewedAt = now
    this.#token = { from: now, ms: Date.parse(grant.expiresAt) - serverNow }
    this.#wakeIn(refreshIn * (1 - 0.15 * this.#world.random()))
  }

  #tryAgain(retryAfterSeconds = 0): void {
    this.#fails += 1
    const backoff = Math.min(RETRY_CEILING_MS, 500 * 2 ** this.#fails) * (0.5 + this.#world.random() / 2)
    this.#wakeIn(Math.max(backoff, retryAfterSeconds * 1000))
  }

  #wakeIn(ms: number): void {
    this.#planned = { from: this.#now(), ms }
    this.#world.clearTimer(this.#timer)
    const run = () => {
      if (!this.#isLeftAlone()) void this.renew()
    }
    this.#timer = this.#world.setTimer(run, ms)
  }

  #now(): Moment {
    return { ticks: this.#world.ticks(), wall: this.#world.wall() }
  }

  #since(then: Moment | null): number {
    return then ? since(then, this.#now()) : Number.POSITIVE_INFINITY
  }

  #isPast({ from, ms }: Span): boolean {
    return this.#since(from) >= ms
  }
}
