import { createServer, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { until } from '../../../tests/support/until.ts'
import { type BodyRule, bodyRuleOf, isTooLarge, refuseTooLarge } from './body-rules.ts'
import type { ConnectionBounds } from './connection-book.ts'
import { createFrontDoor, type Ended, type FrontDoorOptions } from './front-door.ts'
import { redirectToHttps } from './https-redirect.ts'

const ROOM: ConnectionBounds = { total: 200, perAddress: 200, waitingPerAddress: 200 }
/** A whole attack in a second: what the real times are is asserted by the scan, against a running portal. */
const QUICK = { headersMs: 400, sweepMs: 50, readerMs: 400, readerRate: 1024 * 1024, keepAliveMs: 60_000 }
const RULE: BodyRule = { maxBytes: 100_000, minRate: 2000, graceMs: 400, longestMs: 60_000 }

const when = (probe: () => boolean, ms?: number) => until('the door to do so', probe, ms)

let door: Listening
let ended: Ended[]
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await door?.stop()
})

const readBody: RequestListener = (req, res) => {
  let bytes = 0
  req.on('data', (piece: Buffer) => {
    bytes += piece.length
  })
  req.on('end', () => res.end(`${bytes}`))
}

async function open(handle: RequestListener, more: Partial<FrontDoorOptions> = {}): Promise<void> {
  ended = []
  const onEnded = (why: Ended) => void ended.push(why)
  const options = { bounds: ROOM, times: QUICK, addressOf: (address: string) => address, ruleOf: () => RULE }
  door = await listenOnFreePort(createFrontDoor({ ...options, handle, onEnded, ...more }))
}

type Client = { socket: Socket; heard: () => string; over: Promise<number> }

function client(text = '', localAddress = '127.0.0.1'): Client {
  const socket = connect({ port: door.port, host: '127.0.0.1', localAddress })
  const began = performance.now()
  let heard = ''
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    heard += bytes
  })
  if (text) socket.write(text)
  const over = new Promise<number>((resolve) =>
    socket.once('close', () => resolve(performance.now() - began)),
  )
  return { socket, heard: () => heard, over }
}

/** Writes `bytes` every `everyMs` until the other side has had enough. */
function drip({ socket }: Client, bytes: string, everyMs: number): void {
  const timer = setInterval(() => socket.writable && socket.write(bytes), everyMs)
  socket.once('close', () => clearInterval(timer))
}

const POST = (length: number, path = '/') =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`

describe('[E2E-08] what comes too slowly', () => {
  it('ends a head that never ends, and a connection that says nothing', async () => {
    await open(readBody)
    const slow = client('GET / HTTP/1.1\r\nhost: x\r\n')
    drip(slow, 'x-a: b\r\n', 50)
    const silent = client()
    await Promise.all([slow.over, silent.over])
    expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 /)
  })

  it.each([
    ['no request', 'HELP\r\n\r\n', 400],
    ['a head too large', `GET / HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a head too slow', 'GET / HTTP/1.1\r\nhost: x\r\n', 408],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['what is expected in vain', 'POST / HTTP/1.1\r\nhost: x\r\nexpect: more\r\n\r\n', 417],
    ['a body that is none', `${POST(0).trimEnd()}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['a body too slow', `${POST(50_000)}x`, 408],
  ])('[ASVS-3.4.4] answers %s as protected as anything, and ends it', async (_, text, status) => {
    await open(readBody)
    const asks = client(text)
    await asks.over
    const [head = '', body] = asks.heard().split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    for (const line of [
      /^content-security-policy: default-src 'none'/m,
      /^x-content-type-options: nosniff\r?$/m,
      /^referrer-policy: no-referrer\r?$/m,
      /^x-frame-options: DENY\r?$/m,
      /^connection: close\r?$/im,
    ])
      expect(head).toMatch(line)
    expect(body).not.toMatch(/node|parse|HPE/i)
  })

  it('answers who asks for another protocol as anybody: a connection handed over would be held by no timer', async () => {
    const server = createFrontDoor({
      ...{ bounds: ROOM, times: { ...QUICK, keepAliveMs: 100 }, addressOf: (address: string) => address },
      handle: (req, res) => void res.end(`path ${req.url}`),
    })
    // As the pages do, for themselves alone.
    server.on('upgrade', () => undefined)
    door = await listenOnFreePort(server)
    const asks = client(
      'GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    )
    await asks.over
    expect(asks.heard()).toMatch(/^HTTP\/1\.1 200 [\s\S]*path \/nowhere$/)
  })

  it('ends a body below its route’s rate with 408, and lets one above it through', async () => {
    await open(readBody)
    const slow = client(POST(50_000))
    drip(slow, 'x', 50)
    const honest = client(POST(6_000))
    drip(honest, 'x'.repeat(600), 50)
    await slow.over
    expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 [\s\S]*application\/problem\+json[\s\S]*came too slowly/)
    await when(() => honest.heard().endsWith('\r\n\r\n6000') || honest.heard().includes('6000'))
    expect(ended).toEqual(['slow_body'])
  })

  it('takes no time in which it stood still itself for a sender’s or a reader’s delay', async () => {
    let begun = 0
    const handle: RequestListener = (req, res) => {
      if (req.method === 'GET') res.end(Buffer.alloc(20_000_000, 7))
      else
        readBody(
          req.once('data', () => (begun += 1)),
          res,
        )
    }
    await open(handle)
    const honest = client(POST(6_000))
    drip(honest, 'x'.repeat(600), 50)
    const reader = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    reader.socket.once('data', () => reader.socket.pause())
    await when(() => begun === 1 && reader.socket.isPaused())
    // As on a machine that was stopped for a while: all that went on is the clock.
    const now = performance.now.bind(performance)
    const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 30_000)
    reader.socket.resume()
    await when(() => honest.heard().includes('6000') && reader.heard().length > 20_000_000)
    later.mockRestore()
    expect(ended).toEqual([])
  })

  it('judges the path that routes see: nobody is slow in the name of another path', async () => {
    const ruleOf = (url = '') => (url.startsWith('/upload/') ? { ...RULE, ownGuard: true as const } : RULE)
    await open(readBody, { ruleOf })
    const slow = client(POST(50_000, '/upload/../api/share/x'))
    drip(slow, 'x', 50)
    const nowhere = client('OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n')
    await Promise.all([slow.over, nowhere.over])
    expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 /)
    expect(nowhere.heard()).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('ends a body that is fast enough but never ends, and one that nobody reads', async () => {
    await open((_, res) => void res.end('done'), { ruleOf: () => ({ ...RULE, longestMs: 1500 }) })
    const endless = client(`POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`)
    drip(endless, `1388\r\n${'x'.repeat(5000)}\r\n`, 50)
    expect(await endless.over).toBeGreaterThan(1000)
    expect(endless.heard()).toMatch(/^HTTP\/1\.1 200 /)
    const unread = client(POST(50_000))
    drip(unread, 'x', 50)
    await unread.over
    expect(ended).toEqual(['slow_body', 'slow_body'])
  })

  it('leaves alone what watches itself, and what waits for us', async () => {
    const ruleOf = (url = '') => (url.startsWith('/upload/') ? { ...RULE, ownGuard: true as const } : RULE)
    const waiting: (() => void)[] = []
    const handle: RequestListener = (req, res) => {
      if (req.url === '/busy') waiting.push(() => readBody(req, res))
      else readBody(req, res)
    }
    await open(handle, { ruleOf })
    const upload = client(POST(40, '/upload/x'))
    drip(upload, 'x', 50)
    // Half a megabyte in our own buffers: it is not the client that is slow.
    const busy = client(POST(90_000, '/busy'))
    busy.socket.write('x'.repeat(90_000))
    await when(() => upload.heard().includes('40'))
    for (const go of waiting) go()
    await when(() => busy.heard().includes('90000'))
    expect(ended).toEqual([])
  })

  it('ends a reader that takes nothing, and not one that takes its time', async () => {
    const handle: RequestListener = (_, res) => void res.end(Buffer.alloc(30_000_000, 7))
    await open(handle, { times: { ...QUICK, readerRate: 60_000_000 } })
    const stuck = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    stuck.socket.pause()
    await when(() => ended.length > 0, 30_000)
    expect(ended).toEqual(['slow_reader'])
    await door.stop()
    await open(handle)
    const steady = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    let got = 0
    steady.socket.on('data', (bytes: Buffer) => {
      got += bytes.length
      steady.socket.pause()
      setTimeout(() => steady.socket.resume(), 1)
    })
    await when(() => got > 30_000_000, 60_000)
    expect(ended).toEqual([])
  }, 60_000)

  it('keeps an event stream open that has nothing to tell', async () => {
    await open((_, res) => void res.write(': here\n\n'))
    const stream = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    const idle = client('GET /2 HTTP/1.1\r\nhost: x\r\n\r\n')
    const slow = client('GET / HTTP/1.1\r\n')
    await slow.over
    expect([stream.socket.destroyed, idle.socket.destroyed]).toEqual([false, false])
  })
})

describe('[E2E-08] connections of one address', () => {
  const bounds = { total: 30, perAddress: 20, waitingPerAddress: 8 }
  const times = { ...QUICK, headersMs: 60_000 }

  it('that say nothing make room for each other, and neighbours and others still get in', async () => {
    await open(readBody, { bounds, times })
    const held = Array.from({ length: 60 }, () => client())
    const alive = () => held.filter(({ socket }) => !socket.destroyed).length
    await when(() => alive() <= bounds.waitingPerAddress, 20_000)
    for (const address of ['127.0.0.1', '127.0.0.2']) {
      const honest = client('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', address)
      await honest.over
      expect(honest.heard(), address).toMatch(/^HTTP\/1\.1 200 /)
    }
    expect(alive()).toBeGreaterThan(0)
  })

  it('that idle make room too; those being answered are never taken away', async () => {
    const answers: (() => void)[] = []
    await open(
      (req, res) => {
        if (req.url === '/held') answers.push(() => res.end('kept'))
        else res.end('now')
      },
      { bounds, times },
    )
    const held = Array.from({ length: 20 }, () => client('GET /held HTTP/1.1\r\nhost: x\r\n\r\n'))
    await when(() => answers.length === 20)
    // The address has its fill, with answers under way alone.
    const beyond = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await beyond.over
    expect(beyond.heard()).toBe('')
    const other = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n', '127.0.0.2')
    await when(() => other.heard().includes('now'))
    for (const go of answers) go()
    await when(() => held.every(({ heard }) => heard().includes('kept')))
    const next = client('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await when(() => next.heard().includes('now'))
    expect(held.filter(({ socket }) => socket.destroyed)).toHaveLength(1)
    expect(ended).toContain('crowded')
  })

  it('all places taken by many addresses: the fullest gives one up; a proxy of ours has no bound of its own', async () => {
    const addressOf = (address: string) => (address === '127.0.0.9' ? null : address)
    await open(readBody, { bounds, times, addressOf })
    const proxied = Array.from({ length: 24 }, () => client('', '127.0.0.9'))
    const others = Array.from({ length: 5 }, (_, n) => client('', `127.0.1.${n + 1}`))
    await when(() => [...proxied, ...others].every(({ socket }) => !socket.connecting))
    const honest = Array.from({ length: 3 }, (_, n) =>
      client('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', `127.0.2.${n + 1}`),
    )
    await Promise.all(honest.map(({ over }) => over))
    expect(honest.every(({ heard }) => heard().startsWith('HTTP/1.1 200'))).toBe(true)
    expect(others.every(({ socket }) => !socket.destroyed)).toBe(true)
  })
})

describe('[E2E-08] bodies that are too large', () => {
  const guarded: RequestListener = (req, res) => {
    const rule = bodyRuleOf(req.url)
    if (isTooLarge(req, rule)) refuseTooLarge(res, rule)
    else readBody(req, res)
  }

  it.each([
    ['/api/shares', 1024 * 1024 + 1, 413],
    ['/api/shares', 1024 * 1024, 200],
    ['/video/v1/assets', 128 * 1024 + 1, 413],
    ['/system/v1/signing-keys', 128 * 1024 + 1, 413],
    ['/audit/checkpoint', 1, 413],
    ['/projects', 1, 413],
    ['/s/token', 1, 413],
    [`/${'a'.repeat(44)}.m3u8`, 1, 413],
  ])('%s with %i bytes: %i', async (path, bytes, status) => {
    await open(guarded)
    const answer = await fetch(`${door.origin}${path}`, { method: 'POST', body: Buffer.alloc(bytes) })
    expect(answer.status).toBe(status)
    await answer.text()
  })

  it('tells who asks first before they send', async () => {
    await open(guarded, { ruleOf: bodyRuleOf })
    const asks = (length: number) =>
      POST(length, '/api/x').replace('\r\n\r\n', '\r\nexpect: 100-continue\r\n\r\n')
    const large = client(asks(2_000_000))
    await large.over
    expect(large.heard()).toMatch(/^HTTP\/1\.1 413 /)
    const fits = client(asks(3))
    await when(() => fits.heard().includes('100 Continue'))
    fits.socket.write('abc')
    await when(() => fits.heard().includes('HTTP/1.1 200'))
  })
})

describe('where a request ends', () => {
  const CHUNKED = 'transfer-encoding: chunked'
  const SECOND = 'GET /second HTTP/1.1\r\nhost: x\r\n\r\n'
  it.each([
    ['both lengths', `content-length: 4\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`],
    ['two lengths', `content-length: 4\r\ncontent-length: 5\r\n\r\nabcd`],
    ['a length with a sign', `content-length: +4\r\n\r\nabcd`],
    ['a length and a list', `content-length: 4, 4\r\n\r\nabcd`],
    ['chunked that is not last', `transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['chunked in disguise', `transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `content-length : 4\r\n\r\nabcd`],
    ['a folded header', `x-a: b\r\n content-length: 4\r\n\r\nabcd`],
    ['a bare line feed', `x-a: b\ncontent-length: 4\n\nabcd`],
    ['a chunk of no length', `${CHUNKED}\r\n\r\nzz\r\nabcd\r\n0\r\n\r\n`],
    ['a chunk with a sign', `${CHUNKED}\r\n\r\n+4\r\nabcd\r\n0\r\n\r\n`],
  ])('[ASVS-4.2.1] is not open to two readings: %s', async (_, rest) => {
    const asked: string[] = []
    await open((req, res) => {
      asked.push(req.url ?? '')
      req.resume().once('end', () => res.end('ok'))
    })
    const smuggler = client(`POST / HTTP/1.1\r\nhost: x\r\n${rest}${SECOND}`)
    await smuggler.over
    expect(smuggler.heard()).toMatch(/HTTP\/1\.1 400 /)
    expect(asked).not.toContain('/second')
  })

  it.each([
    ['chunks in HTTP/1.0', `POST / HTTP/1.0\r\nhost: x\r\n${CHUNKED}\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 400],
    ['two hosts', `POST / HTTP/1.1\r\nhost: x\r\nhost: y\r\ncontent-length: 2\r\n\r\n{}`, 400],
    ['HTTP/2.0 in its line', 'GET / HTTP/2.0\r\nhost: x\r\n\r\n', 505],
    ['HTTP/0.9 in its line', 'GET / HTTP/0.9\r\nhost: x\r\n\r\n', 505],
    ['HTTP/1.2 in its line', 'GET / HTTP/1.2\r\nhost: x\r\n\r\n', 505],
  ])(
    '[ASVS-4.2.1] is not asked of a request with %s: nothing behind it is read',
    async (_, first, status) => {
      const asked: string[] = []
      await open((req, res) => {
        asked.push(req.url ?? '')
        req.resume().once('end', () => res.end('ok'))
      })
      const keepAlive = first.replace('host: x\r\n', 'host: x\r\nconnection: keep-alive\r\n')
      const asks = client(`${keepAlive}${SECOND}`)
      await asks.over
      expect(asks.heard().match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
      expect(asks.heard()).toMatch(/^connection: close\r?$/im)
      expect(asked).toEqual([])
    },
  )

  it('[ASVS-4.2.1] is where its one length says', async () => {
    const asked: string[] = []
    await open((req, res) => {
      asked.push(req.url ?? '')
      req.resume().once('end', () => res.end('ok'))
    })
    const honest = client(`${POST(4)}abcd${SECOND.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')}`)
    await honest.over
    expect(asked).toEqual(['/', '/second'])
  })
})

describe('plain HTTP beside https', () => {
  it('leads readers to the https origin and takes nothing that changes something', async () => {
    door = await listenOnFreePort(createServer(redirectToHttps('https://portal.example')))
    const get = (path: string, init: RequestInit = {}) =>
      fetch(`${door.origin}${path}`, { redirect: 'manual', ...init })
    const page = await get('/videos?q=1', { headers: { host: 'evil.example' } })
    expect([page.status, page.headers.get('location')]).toEqual([308, 'https://portal.example/videos?q=1'])
    expect((await get('//evil.example/')).headers.get('location')).toBe(
      'https://portal.example//evil.example/',
    )
    const sent = await get('/api/auth/sign-in/email', { method: 'POST', body: '{}' })
    expect([sent.status, sent.headers.get('location')]).toEqual([403, null])
    const absolute = client('GET http://evil.example/x HTTP/1.1\r\nhost: x\r\n\r\n')
    await absolute.over
    expect(absolute.heard()).toContain('location: https://portal.example/\r\n')
  })
})
