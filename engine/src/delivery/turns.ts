import { PlaybackError } from '#engine/delivery/answers.ts'

/** Lets `atOnce` tasks run and `mostWaiting` wait; more are refused with 503. */
export function createTurns(atOnce: number, mostWaiting: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async take<T>(task: () => Promise<T>): Promise<T> {
      if (running >= atOnce) {
        if (waiting.length >= mostWaiting) throw new PlaybackError(503)
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else {
        running += 1
      }
      try {
        return await task()
      } finally {
        // The place goes to the next in line, or becomes free.
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
