import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type AppendResult, appendBody } from './append-body.ts'

const WINDOW_MS = 2_000
const TWELVE = Array.from({ length: 12 }, () => Buffer.alloc(1_000))

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: [
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
        'setImmediate',
        'clearImmediate',
        'performance',
        'Date',
      ],
    }),
)
afterEach(() => void vi.useRealTimers())

/** A body in pieces, each there so long after the one before was read; a disk that takes so long for each. */
function append(pieces: Buffer[], { sentAfterMs, diskMs = 0 }: { sentAfterMs: number; diskMs?: number }) {
  let sent = 0
  const body = new Readable({
    highWaterMark: 1,
    read() {
      if (sent === pieces.length) {
        Object.assign(body, { complete: true })
        return void body.push(null)
      }
      const piece = pieces[sent]
      setTimeout(() => body.push(piece), sent++ === 0 ? 0 : sentAfterMs)
    },
  })
  const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
  const file = { append: () => pause(diskMs), sync: async () => undefined, close: async () => undefined }
  const result = appendBody(body as unknown as IncomingMessage, {
    ...{ file, bodyStart: 0, received: 0, limit: 1_000_000 },
    ...{ minRate: 1_000, rateWindowMs: WINDOW_MS },
    onPiece: () => undefined,
    onCheckpoint: async () => undefined,
  })
  return result
}

async function resultOf(result: Promise<AppendResult>): Promise<AppendResult> {
  let found: AppendResult | undefined
  void result.then((value) => {
    found = value
  })
  while (!found) await vi.advanceTimersByTimeAsync(50)
  return found
}

it('[MUX-07] what the disk takes is not held against the client', async () => {
  const slowDisk = append(TWELVE, { sentAfterMs: 2_200, diskMs: 1_900 })
  expect(await resultOf(slowDisk)).toEqual({ received: 12_000, end: 'complete' })
})

it('[MUX-07] a client below the rate is ended after one window of waiting, whatever the disk took before', async () => {
  expect(await resultOf(append(TWELVE, { sentAfterMs: 1_500 }))).toMatchObject({ end: 'slow' })
  expect(await resultOf(append(TWELVE, { sentAfterMs: 4_000, diskMs: 1_900 }))).toMatchObject({ end: 'slow' })
  const stalled = append(TWELVE, { sentAfterMs: 60_000 })
  const began = performance.now()
  expect(await resultOf(stalled)).toEqual({ received: 1_000, end: 'slow' })
  expect(performance.now() - began).toBeLessThanOrEqual(2 * WINDOW_MS)
})

it('[MUX-07] what came while the process was held up is read before it is judged', async () => {
  const heldUp = append([Buffer.alloc(1_500), Buffer.alloc(1_000)], { sentAfterMs: WINDOW_MS })
  expect(await resultOf(heldUp)).toEqual({ received: 2_500, end: 'complete' })
})
