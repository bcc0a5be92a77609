/** A clock that can be made to go faster; it never jumps. */
export type MovedClock = {
  /** Epoch milliseconds. */
  now(): number
  /** How many of its milliseconds go by in one. */
  speed(): number
  setSpeed(speed: number): void
}

export function createMovedClock(): MovedClock {
  let speed = 1
  let base = Date.now()
  let since = performance.now()
  const now = () => base + (performance.now() - since) * speed
  return {
    now,
    speed: () => speed,
    setSpeed(next) {
      base = now()
      since = performance.now()
      speed = next
    },
  }
}

export type PageClock = Window & { moveClock(now: number, speed: number): void }

/** The fastest that Chromium plays. */
export const MOST_RATE = 16

/**
 * Runs in a page before all of its scripts: Date, performance.now and every timer follow a clock whose speed
 * `moveClock` sets, and media plays in step with it (`playbackRate` tells and takes what it is by that clock).
 */
export function movePageClock(mostRate: number): void {
  const realNow = performance.now.bind(performance)
  const [realSetTimeout, realClearTimeout] = [
    window.setTimeout.bind(window),
    window.clearTimeout.bind(window),
  ]
  const RealDate = Date
  let speed = 1
  let [wallBase, ticksBase, since] = [RealDate.now(), realNow(), realNow()]
  const passed = () => (realNow() - since) * speed
  const ticks = () => ticksBase + passed()

  class MovedDate extends RealDate {
    constructor(...args: []) {
      super(...((args.length === 0 ? [wallBase + passed()] : args) as []))
    }
    static override now() {
      return Math.floor(wallBase + passed())
    }
  }
  window.Date = MovedDate as DateConstructor
  performance.now = ticks

  type Timer = { due: number; every: number | null; run: () => void }
  const timers = new Map<number, Timer>()
  let [serial, armed] = [0, 0]
  const arm = () => {
    realClearTimeout(armed)
    if (timers.size === 0) return
    const next = Math.min(...[...timers.values()].map(({ due }) => due))
    armed = realSetTimeout(fire, Math.max(0, (next - ticks()) / speed))
  }
  const fire = () => {
    const now = ticks()
    const due = [...timers].filter(([, timer]) => timer.due <= now).sort((a, b) => a[1].due - b[1].due)
    for (const [id, timer] of due) {
      if (!timers.has(id)) continue
      if (timer.every === null) timers.delete(id)
      else timer.due = now + timer.every
      timer.run()
    }
    arm()
  }
  const add = (every: boolean) =>
    ((run: TimerHandler, ms = 0, ...args: unknown[]) => {
      const wait = Math.max(every ? 1 : 0, Number(ms) || 0)
      serial += 1
      timers.set(serial, {
        due: ticks() + wait,
        every: every ? wait : null,
        run: () => (run as (...given: unknown[]) => void)(...args),
      })
      arm()
      return serial
    }) as typeof setTimeout
  const remove = ((id: number) => void timers.delete(id)) as typeof clearTimeout
  Object.assign(window, { setTimeout: add(false), setInterval: add(true) })
  Object.assign(window, { clearTimeout: remove, clearInterval: remove })

  const media = HTMLMediaElement.prototype
  const rate = Object.getOwnPropertyDescriptor(media, 'playbackRate') as Required<PropertyDescriptor>
  const mediaSpeed = () => Math.min(speed, mostRate)
  const known = new Set<HTMLMediaElement>()
  Object.defineProperty(media, 'playbackRate', {
    configurable: true,
    get: (): number => 1,
    set(this: HTMLMediaElement) {
      rate.set.call(this, mediaSpeed())
    },
  })
  const play = media.play
  media.play = function (this: HTMLMediaElement) {
    known.add(this)
    rate.set.call(this, mediaSpeed())
    return play.call(this)
  }
  Object.assign(window, {
    moveClock(now: number, next: number) {
      ticksBase = ticks()
      wallBase = now
      since = realNow()
      speed = next
      for (const element of known) rate.set.call(element, mediaSpeed())
      arm()
    },
  })
}
