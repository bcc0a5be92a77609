import type { IncomingMessage } from 'node:http'
import { StorageError } from '#engine/storage/port.ts'
import type { SpoolWriter } from './spool.ts'

const CHECKPOINT_BYTES = 64 * 1024 * 1024
const CHECKPOINT_MS = 5_000

export type AppendPlan = {
  file: SpoolWriter
  /** Where the body begins in the file, and how much of the file is there already: the overlap is dropped. */
  bodyStart: number
  received: number
  /** One past the last byte that may be written. */
  limit: number
  minRate: number
  rateWindowMs: number
  onPiece: (position: number, piece: Buffer) => void
  /** Called with the durable length while a long body flows; what it throws ends the stream. */
  onCheckpoint: (received: number) => Promise<void>
}

export type AppendResult = {
  /** Length of the file afterwards, durable. */
  received: number
  end: 'complete' | 'cut' | 'slow' | 'over_limit'
}

/**
 * Writes a request's body to the end of a file as it flows, with back-pressure, and makes it durable.
 * A body that ends early keeps what arrived (U6); one slower than `minRate` is ended.
 */
export async function appendBody(req: IncomingMessage, plan: AppendPlan): Promise<AppendResult> {
  const source = slowGuardedChunks(req, plan.minRate, plan.rateWindowMs)
  let received = plan.received
  let bodyBytes = 0
  let end: AppendResult['end'] = 'complete'
  let checkpointAt = { bytes: received, time: Date.now() }
  try {
    for (let next = await source.next(); next !== 'end'; next = await source.next()) {
      if (next === 'slow') {
        end = 'slow'
        break
      }
      const at = plan.bodyStart + bodyBytes
      bodyBytes += next.length
      const fresh = next.subarray(Math.max(0, received - at), Math.max(0, plan.limit - at))
      if (fresh.length > 0) {
        await plan.file.append(fresh)
        plan.onPiece(received, fresh)
        received += fresh.length
      }
      if (at + next.length > plan.limit) {
        end = 'over_limit'
        break
      }
      if (
        received - checkpointAt.bytes >= CHECKPOINT_BYTES ||
        Date.now() - checkpointAt.time >= CHECKPOINT_MS
      ) {
        await plan.file.sync()
        await plan.onCheckpoint(received)
        checkpointAt = { bytes: received, time: Date.now() }
      }
    }
  } catch (error) {
    if (!isDisconnect(error)) throw error
    end = 'cut'
  } finally {
    source.leave()
  }
  await plan.file.sync()
  return { received, end: end === 'complete' && !req.complete ? 'cut' : end }
}

function isDisconnect(error: unknown): boolean {
  if (error instanceof StorageError) return false
  const code = (error as NodeJS.ErrnoException).code
  return (
    code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE' || code === 'ABORT_ERR'
  )
}

/**
 * A body's pieces. An upload may last hours, so there is no request timeout; instead each window must bring a minimum
 * of bytes, or `next` gives 'slow'. Only time in which the client is waited for makes up a window: what the disk takes,
 * at a checkpoint of 64 MiB whole seconds, is not held against it.
 */
function slowGuardedChunks(req: IncomingMessage, minRate: number, windowMs: number) {
  // Leaving the loop must not destroy the request: an answer is still to be sent.
  const iterator = req.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  const least = (minRate * windowMs) / 1000
  let window = { bytes: 0, waitedMs: 0 }
  return {
    next: () =>
      new Promise<Buffer | 'end' | 'slow'>((resolve, reject) => {
        let began = performance.now()
        let judging: NodeJS.Immediate | undefined
        let timer = setTimeout(look, windowMs - window.waitedMs)
        // What came while this process itself was held up is read before it is judged.
        function look() {
          judging = setImmediate(() => {
            if (window.bytes < least) return resolve('slow')
            window = { bytes: 0, waitedMs: 0 }
            began = performance.now()
            timer = setTimeout(look, windowMs)
          })
        }
        const stop = () => {
          clearTimeout(timer)
          clearImmediate(judging)
        }
        iterator.next().then(
          ({ done, value }) => {
            stop()
            if (done) return resolve('end')
            window.bytes += value.length
            window.waitedMs += performance.now() - began
            resolve(value)
          },
          (error) => {
            stop()
            reject(error)
          },
        )
      }),
    /** What is still to come is another's to read, or to drop. */
    leave: () => void iterator.return?.().catch(() => undefined),
  }
}
