import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  backoffMs,
  CHUNK_STEP,
  chunkSizeFor,
  LARGEST_CHUNK,
  offsetFromRange,
  SMALLEST_CHUNK,
} from './upload-pace.ts'
import type { ChunkAnswer, ChunkRequest } from './upload-transport.ts'
import type { UploaderWorld } from './upload-world.ts'
import { Uploader, type UploadProgress } from './uploader.ts'

const MiB = 1024 * 1024

/** A server that keeps a durable prefix as the contract says (U3-U8), and can be told to misbehave. */
function createServer(size: number) {
  const received = { bytes: Buffer.alloc(0), requests: [] as string[] }
  const faults: ((request: ChunkRequest) => Promise<ChunkAnswer | undefined> | ChunkAnswer | undefined)[] = []
  const answer = (status: number): ChunkAnswer => ({
    status,
    range: status === 308 && received.bytes.length ? `bytes=0-${received.bytes.length - 1}` : null,
    retryAfterSeconds: null,
  })
  async function keep(request: ChunkRequest, upTo = Number.POSITIVE_INFINITY) {
    const start = Number(request.contentRange.match(/^bytes (\d+)-/)?.[1])
    const body = Buffer.from(await (request.body as Blob).arrayBuffer()).subarray(0, upTo)
    if (start > received.bytes.length) return
    received.bytes = Buffer.concat([received.bytes, body.subarray(received.bytes.length - start)])
  }
  async function transport(request: ChunkRequest): Promise<ChunkAnswer> {
    received.requests.push(request.contentRange)
    if (request.signal.aborted) throw request.signal.reason
    const broken = await faults.shift()?.(request)
    if (broken) return broken
    if (request.body) {
      await keep(request)
      request.onProgress?.(request.body.size)
    }
    return answer(received.bytes.length === size ? 200 : 308)
  }
  return { received, faults, transport, keep, answer }
}

function createWorld(transport: UploaderWorld['transport']) {
  const state = { online: true, listeners: new Set<() => void>(), waits: [] as number[], at: 1_000_000 }
  const world: UploaderWorld = {
    transport,
    now: () => {
      state.at += 250
      return state.at
    },
    random: () => 0.5,
    isOnline: () => state.online,
    onConnection(listener) {
      state.listeners.add(listener)
      return () => state.listeners.delete(listener)
    },
    async wait(ms) {
      state.waits.push(ms)
    },
  }
  function connect(online: boolean) {
    state.online = online
    for (const listener of [...state.listeners]) listener()
  }
  return { world, state, connect }
}

function upload(file: Blob, world: UploaderWorld, url = 'https://portal.test/upload/u.s') {
  const seen: UploadProgress[] = []
  const waiting: { phase: string; resolve: () => void }[] = []
  const uploader = new Uploader(
    {
      url,
      file,
      onProgress(progress) {
        seen.push(progress)
        for (const waiter of waiting) if (waiter.phase === progress.phase) waiter.resolve()
      },
    },
    world,
  )
  const reaches = (phase: string) =>
    new Promise<void>((resolve) => {
      if (uploader.progress.phase === phase) resolve()
      waiting.push({ phase, resolve })
    })
  return { uploader, seen, reaches }
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytes = randomBytes(20 * MiB + 12_345)
const file = new Blob([bytes])
const dead: ChunkAnswer = { status: 0, range: null, retryAfterSeconds: null }

test('asks first, then sends chunks of 256 KiB multiples, and ends only at 200', async () => {
  const server = createServer(bytes.length)
  const { uploader, seen, reaches } = upload(file, createWorld(server.transport).world)
  uploader.start()
  await reaches('done')
  expect(server.received.requests[0]).toBe(`bytes */${bytes.length}`)
  expect(server.received.requests[1]).toBe(`bytes 0-${SMALLEST_CHUNK - 1}/${bytes.length}`)
  expect(sha(server.received.bytes)).toBe(sha(bytes))
  expect(seen.at(-1)).toMatchObject({ phase: 'done', sent: bytes.length })
})

test('goes on where the server is, not where the browser thinks it is', async () => {
  const server = createServer(bytes.length)
  server.received.bytes = Buffer.from(bytes.subarray(0, 9 * MiB + 1))
  const { uploader, reaches } = upload(file, createWorld(server.transport).world)
  uploader.start()
  await reaches('done')
  expect(server.received.requests[1]).toMatch(new RegExp(`^bytes ${9 * MiB + 1}-`))
  expect(sha(server.received.bytes)).toBe(sha(bytes))
})

test('a connection lost in the middle of a chunk keeps what arrived', async () => {
  const server = createServer(bytes.length)
  server.faults.push(
    () => undefined,
    async (request) => {
      await server.keep(request, 3 * MiB + 7)
      return dead
    },
  )
  const { world, state } = createWorld(server.transport)
  const { uploader, seen, reaches } = upload(file, world)
  uploader.start()
  await reaches('done')
  expect(server.received.requests.slice(2, 4)).toEqual([
    `bytes */${bytes.length}`,
    expect.stringMatching(new RegExp(`^bytes ${3 * MiB + 7}-`)),
  ])
  expect(state.waits).toEqual([750])
  expect(seen.some((progress) => progress.phase === 'retrying' && progress.retryAt !== null)).toBe(true)
  expect(sha(server.received.bytes)).toBe(sha(bytes))
})

test('a 308 without Range to a chunk is never taken for success', async () => {
  const server = createServer(bytes.length)
  server.faults.push(
    () => undefined,
    () => ({ status: 308, range: null, retryAfterSeconds: null }),
  )
  const { uploader, reaches } = upload(file, createWorld(server.transport).world)
  uploader.start()
  await reaches('done')
  expect(server.received.requests[2]).toBe(`bytes */${bytes.length}`)
  expect(sha(server.received.bytes)).toBe(sha(bytes))
})

test('503 is waited out as the server asks, 410 ends with a sentence', async () => {
  const busy = createServer(bytes.length)
  busy.faults.push(() => ({ status: 503, range: null, retryAfterSeconds: 9 }))
  const first = createWorld(busy.transport)
  const one = upload(file, first.world)
  one.uploader.start()
  await one.reaches('done')
  expect(first.state.waits).toEqual([9000])

  const gone = upload(file, createWorld(async () => ({ ...dead, status: 410 })).world)
  gone.uploader.start()
  await gone.reaches('failed')
  expect(gone.uploader.progress).toMatchObject({
    resumable: false,
    error: expect.stringMatching(/has ended/),
  })
})

test('gives up after twelve tries without a byte, and can be told to go on', async () => {
  const server = createServer(bytes.length)
  let down = true
  const { world, state } = createWorld(async (request) => (down ? dead : server.transport(request)))
  const { uploader, reaches } = upload(file, world)
  uploader.start()
  await reaches('failed')
  expect(state.waits).toHaveLength(12)
  expect(uploader.progress.resumable).toBe(true)
  down = false
  uploader.start()
  await reaches('done')
  expect(sha(server.received.bytes)).toBe(sha(bytes))
})

test('offline it waits without trying and goes on by itself', async () => {
  const server = createServer(bytes.length)
  const { world, connect } = createWorld(server.transport)
  connect(false)
  const { uploader, reaches } = upload(file, world)
  uploader.start()
  await reaches('offline')
  expect(server.received.requests).toEqual([])
  connect(true)
  await reaches('done')
  expect(sha(server.received.bytes)).toBe(sha(bytes))
})

test('pause stops the chunk under way; resume asks again; stop is final', async () => {
  const underWay = Promise.withResolvers<void>()
  const server = createServer(bytes.length)
  server.faults.push(
    () => undefined,
    (request) =>
      new Promise((_, reject) => {
        request.onProgress?.(MiB)
        request.signal.addEventListener('abort', () => reject(request.signal.reason))
        underWay.resolve()
      }),
  )
  const { uploader, reaches } = upload(file, createWorld(server.transport).world)
  uploader.start()
  await underWay.promise
  uploader.pause()
  await reaches('paused')
  uploader.start()
  await reaches('done')
  expect(sha(server.received.bytes)).toBe(sha(bytes))

  const other = upload(file, createWorld(() => new Promise(() => {})).world)
  other.uploader.stop()
  other.uploader.start()
  expect(other.uploader.progress.phase).toBe('stopped')
})

test('a file that cannot be read any more says so', async () => {
  const moved = Object.assign(new Blob([bytes]), {
    slice: () => ({
      size: 1,
      type: '',
      arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')),
    }),
  }) as unknown as Blob
  const server = createServer(bytes.length)
  server.faults.push(
    () => undefined,
    () => dead,
  )
  const { uploader, reaches } = upload(moved, createWorld(server.transport).world)
  uploader.start()
  await reaches('failed')
  expect(uploader.progress).toMatchObject({ resumable: true, error: expect.stringMatching(/cannot be read/) })
})

test('the last byte waits until what must come before it is done, and a fault there is one like any other', async () => {
  const server = createServer(bytes.length)
  const { world } = createWorld(server.transport)
  let tries = 0
  const seen: UploadProgress[] = []
  const done = Promise.withResolvers<void>()
  const uploader = new Uploader(
    {
      url: 'https://portal.test/upload/u.s',
      file,
      onProgress(progress) {
        seen.push(progress)
        if (progress.phase === 'done') done.resolve()
      },
      async beforeLast() {
        tries += 1
        expect(server.received.bytes.length).toBe(2 * SMALLEST_CHUNK)
        if (tries < 3) throw new Error('out of reach')
      },
    },
    world,
  )
  uploader.start()
  await done.promise
  expect(tries).toBe(3)
  expect(seen.at(-1)).toMatchObject({ phase: 'done', acknowledged: bytes.length })
  expect(sha(server.received.bytes)).toBe(sha(bytes))
})

test('whatever breaks, the bytes arrive whole', async () => {
  const small = randomBytes(9 * MiB)
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ kind: fc.constantFrom('ok', 'drop', 'busy', 'lost-answer'), cut: fc.nat(8 * MiB) }),
        {
          maxLength: 11,
        },
      ),
      async (plan) => {
        const server = createServer(small.length)
        for (const { kind, cut } of plan) {
          server.faults.push(async (request) => {
            if (kind === 'ok') return undefined
            if (kind === 'busy') return { ...dead, status: 503 }
            if (request.body) await server.keep(request, kind === 'drop' ? cut : undefined)
            return dead
          })
        }
        const { uploader, reaches } = upload(new Blob([small]), createWorld(server.transport).world)
        uploader.start()
        await reaches('done')
        expect(sha(server.received.bytes)).toBe(sha(small))
      },
    ),
    { numRuns: 25 },
  )
})

test('chunks follow the line, within bounds and in steps', () => {
  expect(chunkSizeFor(null)).toBe(SMALLEST_CHUNK)
  expect(chunkSizeFor(10)).toBe(SMALLEST_CHUNK)
  expect(chunkSizeFor(1e9)).toBe(LARGEST_CHUNK)
  expect(chunkSizeFor(2_500_000) % CHUNK_STEP).toBe(0)
})

test('backoff doubles to thirty seconds and keeps at least half', () => {
  expect([1, 2, 3, 9].map((attempt) => backoffMs(attempt, () => 0))).toEqual([500, 1000, 2000, 15_000])
  expect([1, 2, 3, 9].map((attempt) => backoffMs(attempt, () => 1))).toEqual([1000, 2000, 4000, 30_000])
})

test('a strange Range is not an offset', () => {
  expect(['bytes=0-99', '0-99', 'bytes=5-99', 'x', null].map(offsetFromRange)).toEqual([
    100,
    100,
    null,
    null,
    null,
  ])
})
