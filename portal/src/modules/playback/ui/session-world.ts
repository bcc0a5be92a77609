/** A moment by both clocks of this device, in milliseconds. */
export type Moment = { ticks: number; wall: number }

export type SessionWorld = {
  /** Epoch milliseconds by the device's clock, which people and time servers set, forward and back. */
  wall: () => number
  /** Milliseconds that only ever grow; on some systems they stand still while the machine sleeps. */
  ticks: () => number
  random: () => number
  setTimer: (run: () => void, ms: number) => unknown
  clearTimer: (timer: unknown) => void
  /** calls back when the page may have slept or been away: back online, visible, restored; returns how to stop */
  onWake: (listener: () => void) => () => void
}

const wakeEvents = ['online', 'pageshow', 'focus'] as const

export const browserWorld: SessionWorld = {
  wall: () => Date.now(),
  ticks: () => performance.now(),
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

/**
 * How long ago `then` was, in milliseconds: the longer of what both clocks say. Ticks count while the clock is set
 * back, the clock counts what the ticks slept through; a clock set forward makes it too long, never too short.
 */
export function since(then: Moment, now: Moment): number {
  return Math.max(now.ticks - then.ticks, now.wall - then.wall)
}
