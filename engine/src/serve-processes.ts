import cluster from 'node:cluster'
import type { Logger } from 'pino'

const AGAIN_MS = 1000
/** One that is still there after this long is ended by force. */
const STOP_MS = 20_000

/**
 * Starts `count` copies of this program that answer requests on one port, and starts another where one ends
 * unasked. Connections are handed to them in turn; they share nothing else, and end with this one.
 */
export function forkProcesses(
  count: number,
  env: Record<string, string>,
  log: Logger,
): { stop(): Promise<void> } {
  let stopping = false
  const start = () => {
    if (!stopping) cluster.fork(env)
  }
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) return
    log.error({ pid: worker.process.pid, code, signal }, 'a process that answers requests has ended')
    // Settings that are wrong end the next one too: no use in haste.
    setTimeout(start, AGAIN_MS).unref()
  })
  for (let n = 0; n < count; n += 1) start()
  return {
    async stop() {
      stopping = true
      const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
      await Promise.all(
        workers.map((worker) => {
          const ended = new Promise((resolve) => worker.once('exit', resolve))
          worker.process.kill('SIGTERM')
          const late = setTimeout(() => worker.process.kill('SIGKILL'), STOP_MS)
          return ended.finally(() => clearTimeout(late))
        }),
      )
    },
  }
}
