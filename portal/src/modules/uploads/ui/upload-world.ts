import { browserTransport, type Transport } from './upload-transport.ts'

/** What the uploader needs of the world; tests bring their own. */
export type UploaderWorld = {
  transport: Transport
  /** epoch milliseconds */
  now: () => number
  /** from 0 to 1 */
  random: () => number
  isOnline: () => boolean
  /** calls back at each change of the connection; returns how to stop */
  onConnection: (listener: () => void) => () => void
  /** resolves after `ms`, or at once when the signal aborts */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

export const browserWorld: UploaderWorld = {
  transport: browserTransport,
  now: () => Date.now(),
  random: Math.random,
  isOnline: () => navigator.onLine,
  onConnection(listener) {
    addEventListener('online', listener)
    addEventListener('offline', listener)
    return () => {
      removeEventListener('online', listener)
      removeEventListener('offline', listener)
    }
  },
  wait: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    }),
}
