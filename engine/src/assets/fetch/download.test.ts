import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createOutboundGuard } from '#engine/platform/outbound-guard.ts'
import { listenOnFreePort } from '../../../../tests/support/listen.ts'
import { type Download, download } from './download.ts'
import { DownloadError } from './request.ts'

const file = randomBytes(300_000)
let folder: string
let stop: () => Promise<void> = async () => undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(() => stop())

async function serve(listener: RequestListener) {
  const server = await listenOnFreePort(createServer(listener))
  stop = server.stop
  return server.origin
}

const fetchFrom = (url: string, more: Partial<Download> = {}) =>
  download({
    url,
    path: join(folder, 'file'),
    maxBytes: 1_000_000,
    guard: createOutboundGuard(['127.0.0.1']),
    signal: new AbortController().signal,
    retryMs: 1,
    ...more,
  })

/** Sends the asked-for part, but ends the connection after `bytes`. */
function sendPart(req: IncomingMessage, res: ServerResponse, bytes: number, body = file, etag = '"one"') {
  const start = Number(/^bytes=(\d+)-$/.exec(req.headers.range ?? '')?.[1] ?? 0)
  const partial = start > 0 && req.headers['if-range'] === etag
  const rest = partial ? body.subarray(start) : body
  res.writeHead(partial ? 206 : 200, {
    etag,
    'content-length': rest.length,
    ...(partial ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
  })
  if (rest.length <= bytes) res.end(rest)
  else res.write(rest.subarray(0, bytes), () => setImmediate(() => res.destroy()))
}

async function expectFile(result: { bytes: number; sha256: Buffer }, expected = file) {
  expect(result).toEqual({ bytes: expected.length, sha256: createHash('sha256').update(expected).digest() })
  expect((await readFile(join(folder, 'file'))).equals(expected)).toBe(true)
}

it('goes on where a connection broke, as long as each brings something', async () => {
  const ranges: (string | undefined)[] = []
  const origin = await serve((req, res) => {
    ranges.push(req.headers.range)
    sendPart(req, res, 30_000)
  })
  await expectFile(await fetchFrom(origin))
  expect(ranges.length).toBeGreaterThan(8)
  expect(ranges[0]).toBeUndefined()
  expect(ranges.slice(1).every((range) => /^bytes=\d+-$/.test(range ?? ''))).toBe(true)
})

it('begins again when the file changed in between, and where the server knows no ranges', async () => {
  const other = randomBytes(200_000)
  let asked = 0
  const changed = await serve((req, res) => {
    asked += 1
    if (asked === 1) sendPart(req, res, 100_000)
    else sendPart(req, res, Number.POSITIVE_INFINITY, other, '"two"')
  })
  await expectFile(await fetchFrom(changed), other)
  await stop()
  asked = 0
  const simple = await serve((_req, res) => {
    asked += 1
    res.writeHead(200, { 'content-length': file.length })
    if (asked === 1) res.write(file.subarray(0, 100_000), () => setImmediate(() => res.destroy()))
    else res.end(file)
  })
  await expectFile(await fetchFrom(simple))
})

it('tries again after 503, and not after 404', async () => {
  let asked = 0
  const origin = await serve((req, res) => {
    asked += 1
    if (req.url === '/gone') res.writeHead(404).end()
    else if (asked < 4) res.writeHead(503).end()
    else sendPart(req, res, Number.POSITIVE_INFINITY)
  })
  await expectFile(await fetchFrom(origin))
  asked = 0
  await expect(fetchFrom(`${origin}/gone`)).rejects.toThrow('The server answered 404 for this URL.')
  expect(asked).toBe(1)
})

it('gives up where nothing comes any more', async () => {
  let asked = 0
  const origin = await serve((_req, res) => {
    asked += 1
    res.destroy()
  })
  const error = await fetchFrom(origin).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(DownloadError)
  expect(error.retry).toBe(true)
  expect(asked).toBe(6)
})

it.each([
  ['no answer', () => undefined, { answerMs: 50 }],
  [
    'a body that stops',
    (res: ServerResponse) => res.writeHead(200, { 'content-length': 10 }).write('a'),
    { idleMs: 50 },
  ],
  [
    'all of it too late',
    (res: ServerResponse) => res.writeHead(200, { 'content-length': 10 }).write('a'),
    { totalMs: 80 },
  ],
])('ends with %s', async (_what, answer: (res: ServerResponse) => unknown, limits) => {
  const origin = await serve((_req, res) => void answer(res))
  await expect(fetchFrom(origin, limits)).rejects.toThrow(DownloadError)
})

it('takes no more than it may, told or not', async () => {
  const told = await serve((_req, res) => void res.writeHead(200, { 'content-length': 2_000_000 }).end())
  await expect(fetchFrom(told)).rejects.toThrow('larger than 1000000 bytes')
  await stop()
  const untold = await serve((_req, res) => {
    res.on('error', () => undefined)
    for (let n = 0; n < 40; n += 1) res.write(Buffer.alloc(50_000))
  })
  await expect(fetchFrom(untold)).rejects.toThrow('larger than 1000000 bytes')
})

it('[ASVS-15.3.2] follows redirects only to where it might have gone by itself', async () => {
  const asked: string[] = []
  const origin = await serve((req, res) => {
    asked.push(`${req.headers.host}${req.url}`)
    const { url = '' } = req
    const port = req.headers.host!.split(':')[1]
    if (url === '/file') return sendPart(req, res, Number.POSITIVE_INFINITY)
    const to: Record<string, string> = {
      '/once': '/file',
      '/loop': '/loop',
      '/inside': `http://localhost:${port}/file`,
      '/mapped': `http://[::ffff:127.0.0.1]:${port}/file`,
      '/decimal': `http://2130706434:${port}/file`,
      '/metadata': 'http://169.254.169.254/latest/meta-data/',
      '/file-scheme': 'file:///etc/passwd',
    }
    res.writeHead(302, { location: to[url] }).end()
  })
  await expectFile(await fetchFrom(`${origin}/once`))
  await expect(fetchFrom(`${origin}/loop`)).rejects.toThrow('redirects more than 5 times')
  for (const path of ['inside', 'mapped', 'decimal', 'metadata', 'file-scheme'])
    await expect(fetchFrom(`${origin}/${path}`)).rejects.toThrow('The server redirects elsewhere')
  expect(asked.filter((each) => each.endsWith('/file'))).toHaveLength(1)
  expect(asked.every((each) => each.startsWith('127.0.0.1:'))).toBe(true)
})

it('says nothing of the URL, which may hold a password', async () => {
  const origin = await serve((_req, res) => void res.writeHead(403).end())
  const url = `${origin.replace('//', '//me:secret@')}/file?key=secret`
  const error = await fetchFrom(url).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(DownloadError)
  expect(`${error.stack}`).not.toContain('secret')
})

it('ends when it is told to', async () => {
  const origin = await serve(() => undefined)
  const ends = AbortSignal.timeout(50)
  const error = await fetchFrom(origin, { signal: ends }).catch((thrown) => thrown)
  expect(error).toBe(ends.reason)
})
