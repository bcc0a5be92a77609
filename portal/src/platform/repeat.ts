/**
 * Work that is done again and again, a pause after each end of it, never twice at once. What it throws is told, and it
 * goes on; a waiting turn keeps no process alive.
 */
export function repeat(pauseMs: number, work: () => Promise<void>, onError: (error: unknown) => void) {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let isStopped = true

  function schedule(afterMs: number): void {
    if (isStopped) return
    timer = setTimeout(() => {
      running = work()
        .catch(onError)
        .finally(() => schedule(pauseMs))
    }, afterMs)
    timer.unref()
  }

  return {
    isRunning: () => !isStopped,
    /** @param afterMs until the first turn */
    start(afterMs = pauseMs): void {
      if (!isStopped) return
      isStopped = false
      schedule(afterMs)
    },
    /** Ends after the work under way. */
    async stop(): Promise<void> {
      isStopped = true
      if (timer) clearTimeout(timer)
      await running
    },
  }
}
