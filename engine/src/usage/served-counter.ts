import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UsageJournal } from './usage-journal.ts'

/**
 * Called once for each answer that has a body, right before its bytes are handed over: `bytes` of the stored object
 * `key`, which has `size` bytes in all. What a proxy or a bucket sends in our place is counted the same way.
 */
export type ServedCounter = (
  req: IncomingMessage,
  res: ServerResponse,
  key: string,
  bytes: number,
  size: number,
) => void

/** Files that are watched; headers, pictures, cues and playlists are not, nor is a master that is taken away. */
const MEDIA = /\.m4s$|(?<!\/init|\/master)\.(?:mp4|m4a)$/
const SAMPLE_MS = 100

type Flight = { req: IncomingMessage; before: number; bytes: number; sent: number }
type StreamHandle = { bytesWritten?: number; writeQueueSize?: number }

/**
 * Writes each answer into the journal before it is sent, so that whatever a client has got is counted although the
 * process may be killed the moment after. An answer that breaks off is put right by what the system had taken of it,
 * looked at ten times a second. `onKey` hears of each key.
 */
export function createServedCounter(journal: UsageJournal, clock: () => Date, onKey: (key: string) => void) {
  const flights = new Set<Flight>()
  const sampler = setInterval(() => {
    for (const flight of flights) sample(flight)
  }, SAMPLE_MS)
  sampler.unref()

  const count: ServedCounter = (req, res, key, bytes, size) => {
    if (bytes <= 0 || !MEDIA.test(key)) return
    const hour = Math.floor(clock().getTime() / 3_600_000)
    journal.append(key, bytes, size, hour)
    onKey(key)
    const handle = handleOf(req)
    const flight: Flight = { req, before: handle ? takenBy(handle) : 0, bytes, sent: 0 }
    flights.add(flight)
    res.once('close', () => {
      flights.delete(flight)
      if (!res.writableFinished) journal.append(key, flight.sent - bytes, size, hour)
    })
  }
  return { count, stop: () => clearInterval(sampler) }
}

/** What was handed to the system's stream, less what waits in its queue. Only the handle under the socket knows both. */
function sample(flight: Flight): void {
  const handle = handleOf(flight.req)
  if (handle) flight.sent = Math.min(flight.bytes, takenBy(handle) - flight.before)
}

function handleOf(req: IncomingMessage): StreamHandle | null {
  return (req.socket as unknown as { _handle: StreamHandle | null })._handle
}

function takenBy({ bytesWritten = 0, writeQueueSize = 0 }: StreamHandle): number {
  return bytesWritten - writeQueueSize
}
