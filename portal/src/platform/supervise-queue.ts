import { setTimeout as delay } from 'node:timers/promises'
import type { App } from './app.ts'

/** A queue that was started. `ended` never rejects: it gives why the queue ended by itself, or was stopped. */
export type Running = { ended: Promise<unknown>; stop(): Promise<void> }

/** Before the queue is started again: the more often it has just ended, the longer. The last one stays. */
const PAUSES_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000]
/** A queue that has run for so long is well. */
const WELL_AFTER_MS = 60_000
/** From so many ends in a row on people are told. */
const TOLD_FROM = 3

const KEY = 'queue.ends'

/**
 * Starts a queue, and again whenever it ends by itself: what it held is freed by its sweep, what was not marked as done
 * runs again.
 * @throws whatever `start` throws the first time; from then on that is tried again
 */
export async function superviseQueue(
  app: Pick<App, 'log' | 'telemetry' | 'ports'>,
  start: () => Promise<Running>,
  wellAfterMs = WELL_AFTER_MS,
): Promise<{ stop(): Promise<void> }> {
  const stopped = new AbortController()
  const { signal } = stopped
  let queue: Running | null = await start()
  let ends = 0
  let well = watchHealth()

  function watchHealth(): NodeJS.Timeout {
    return setTimeout(() => {
      ends = 0
      void app.ports.alerts.resolve(KEY)
    }, wellAfterMs).unref()
  }

  async function startAgain(): Promise<Running | null> {
    for (;;) {
      ends += 1
      const pause = PAUSES_MS[Math.min(ends, PAUSES_MS.length) - 1]
      await delay(pause, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
      try {
        return await start()
      } catch (error) {
        app.log.error({ err: error }, 'the queue could not be started again; trying once more')
      }
    }
  }

  async function tell(): Promise<void> {
    if (ends < TOLD_FROM) return
    const alert = {
      key: KEY,
      severity: 'critical' as const,
      summary:
        'The job queue ends again and again by itself. It is started again each time; look at the log.',
      details: { in_a_row: ends },
    }
    await app.ports.alerts.raise(alert)
  }

  async function supervise(): Promise<void> {
    while (queue) {
      const why = await queue.ended
      clearTimeout(well)
      if (signal.aborted) return
      app.log.error({ err: why }, 'the queue ended by itself; starting it again')
      await queue.stop().catch((error) => app.log.warn({ err: error }, 'the ended queue was not tidied up'))
      queue = await startAgain()
      if (signal.aborted) return await queue?.stop()
      well = watchHealth()
      app.telemetry.add('portal.queue.restarts', {})
      await tell()
    }
  }
  const supervising = supervise()

  return {
    async stop() {
      stopped.abort()
      await queue?.stop()
      await supervising
      clearTimeout(well)
    },
  }
}
