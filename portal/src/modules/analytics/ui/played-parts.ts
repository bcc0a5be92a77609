/** Media seconds [from, to] that were really played. */
export type Played = [from: number, to: number]

/** Shorter stretches are noise of a seek. */
const LEAST_SECONDS = 0.05
/** More than any page collects between two reports; past it the shortest go. */
const MOST_SEGMENTS = 60
/** How much further the picture may be than the wall clock allows, in seconds: clocks of players are coarse. */
const SLACK_SECONDS = 1

/**
 * Collects the stretches of a video that were played, not those that were jumped over. Fed with the place of the
 * picture whenever it is known; times in seconds.
 */
export class PlayedParts {
  #segments: Played[] = []
  #open: { from: number; to: number; wall: number } | null = null

  /** The picture stands at `at` and moves; `wall` is a clock that never jumps, `rate` the speed. */
  moved(at: number, wall: number, rate: number): void {
    const open = this.#open
    if (!open) {
      this.#open = { from: at, to: at, wall }
      return
    }
    const ahead = at - open.to
    const possible = Math.max(0, wall - open.wall) * Math.max(rate, 0.0625) + SLACK_SECONDS
    if (ahead < 0 || ahead > possible) {
      this.#close()
      this.#open = { from: at, to: at, wall }
      return
    }
    this.#open = { from: open.from, to: at, wall }
  }

  /** Playing stops here, for a pause, a stall or the end. */
  stopped(at: number, wall: number, rate: number): void {
    if (this.#open) this.moved(at, wall, rate)
    this.#close()
  }

  /** The picture jumps: what was played until now is a stretch of its own. */
  jumped(): void {
    this.#close()
  }

  /** Everything since the last time this was asked; a stretch that goes on is cut here. */
  take(): Played[] {
    const open = this.#open
    this.#close()
    if (open) this.#open = { from: open.to, to: open.to, wall: open.wall }
    const taken = this.#segments
    this.#segments = []
    return taken
  }

  #close(): void {
    const open = this.#open
    this.#open = null
    if (!open || open.to - open.from < LEAST_SECONDS) return
    const last = this.#segments.at(-1)
    if (last && Math.abs(last[1] - open.from) < LEAST_SECONDS && open.to > last[1]) last[1] = open.to
    else this.#segments.push([open.from, open.to])
    if (this.#segments.length > MOST_SEGMENTS) this.#dropShortest()
  }

  #dropShortest(): void {
    const lengths = this.#segments.map(([from, to]) => to - from)
    this.#segments.splice(lengths.indexOf(Math.min(...lengths)), 1)
  }
}
