import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

/** A lane that was started. `ended` never rejects: it gives why the lane ended by itself, or was stopped. */
export type RunningLane = { ended: Promise<unknown>; stop(): Promise<void> }

/** Before a lane is started again: the more often it has just ended, the longer. The last one stays. */
const PAUSES_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000]
/** A lane that has run for so long is well. */
const WELL_AFTER_MS = 60_000

/**
 * Starts a lane, and again whenever it ends by itself: what it held is freed by the sweep and runs again.
 * @throws whatever `start` throws the first time; from then on that is tried again
 */
export async function superviseLane(
  start: () => Promise<RunningLane>,
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  const stopped = new AbortController()
  const { signal } = stopped
  let lane: RunningLane | null = await start()
  let startedAt = performance.now()
  let ends = 0

  async function startAgain(): Promise<RunningLane | null> {
    for (;;) {
      ends += 1
      const pause = PAUSES_MS[Math.min(ends, PAUSES_MS.length) - 1]
      await delay(pause, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
      try {
        return await start()
      } catch (error) {
        log.error({ err: error, ends }, 'a lane of jobs could not be started again; trying once more')
      }
    }
  }

  async function supervise(): Promise<void> {
    while (lane) {
      const why = await lane.ended
      if (signal.aborted) return
      if (performance.now() - startedAt > WELL_AFTER_MS) ends = 0
      log.error({ err: why, ends: ends + 1 }, 'a lane of jobs ended by itself; starting it again')
      await lane.stop().catch((error) => log.warn({ err: error }, 'the ended lane was not tidied up'))
      lane = await startAgain()
      if (signal.aborted) return await lane?.stop()
      startedAt = performance.now()
    }
  }
  const supervising = supervise()

  return {
    async stop() {
      stopped.abort()
      await lane?.stop()
      await supervising
    },
  }
}
