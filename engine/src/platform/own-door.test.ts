import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { selfSigned, writeCertificate } from '../../../tests/support/certificate.ts'
import { createOwnDoor, networkOf, type OwnDoorOptions } from './own-door.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const QUICK = { headersMs: 300, handshakeMs: 300, lookMs: 50, renewalMs: 50 }
/** For handshakes that are to be made: a busy machine takes its time for one. */
const PATIENT = { ...QUICK, headersMs: 60_000, handshakeMs: 60_000 }

/** Answers /media as playback does, for other origins, and nothing else. */
function handle(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.url !== '/media') return false
  res.writeHead(200, {
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'private, max-age=60',
  })
  res.end('segment')
  return true
}

async function open(options: Partial<OwnDoorOptions> = {}): Promise<number> {
  const server = await createOwnDoor({
    ...{ handle, publicUrl: 'http://localhost:4100', maxConnections: 100, times: QUICK },
    ...{ log: pino({ level: 'silent' }), ...options },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function ask(port: number, path: string, options: { method?: string; body?: string } = {}) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const req = request(
      { port, path, host: '127.0.0.1', method: options.method ?? 'GET', agent: false },
      (res) => {
        res.resume()
        res.once('end', () => resolve(res))
      },
    )
    req.once('error', reject)
    req.end(options.body)
  })
}

/** What the server says until it ends the connection. */
async function untilEnded(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  // A connection that is reset has ended as well; once() would throw.
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

describe('the door of an engine that runs alone', () => {
  it('[ASVS-3.4.3] [ASVS-3.4.4] [ASVS-3.4.6] puts headers on every answer, and leaves to playback what it sets itself', async () => {
    const port = await open({ publicUrl: 'https://stream.example.com' })
    const nothing = await ask(port, '/nothing')
    expect(nothing.statusCode).toBe(404)
    expect(nothing.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    const media = await ask(port, '/media')
    expect(media.headers).toMatchObject({
      'cache-control': 'private, max-age=60',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
  })

  it('tells of HSTS over https alone, and answers no TRACE', async () => {
    const port = await open()
    const media = await ask(port, '/media')
    expect(media.headers['strict-transport-security']).toBeUndefined()
    expect((await ask(port, '/media', { method: 'TRACE' })).statusCode).toBe(405)
  })

  it('reads no more of a body that nobody asked for than it must', async () => {
    const port = await open()
    expect((await ask(port, '/nothing', { method: 'POST', body: 'x'.repeat(1000) })).statusCode).toBe(404)
    const socket = connectPlain(port, '127.0.0.1')
    socket.write('POST /nothing HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n')
    const flood = setInterval(() => socket.write(Buffer.alloc(64 * 1024)), 5)
    expect(await untilEnded(socket)).toContain('404')
    clearInterval(flood)
  })

  it('ends a head that never ends, and a connection that says nothing', async () => {
    const port = await open()
    const slow = connectPlain(port, '127.0.0.1')
    slow.write('GET /media HTTP/1.1\r\nhost: a\r\nx-')
    const drip = setInterval(() => slow.write('a'), 40)
    expect(await untilEnded(slow)).toContain('408')
    clearInterval(drip)
    await untilEnded(connectPlain(port, '127.0.0.1'))
  })

  it.each([
    [
      'POST /nothing HTTP/1.0\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
    ['GET /nothing HTTP/2.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n', '505'],
  ])('[ASVS-4.2.1] reads nothing behind a request that is faulty: %j', async (first, status) => {
    const asked: (string | undefined)[] = []
    const port = await open({
      handle: (req, res) => {
        asked.push(req.url)
        return handle(req, res)
      },
    })
    const socket = connectPlain(port, '127.0.0.1')
    socket.write(`${first}GET /media HTTP/1.1\r\nhost: a\r\n\r\n`)
    const said = await untilEnded(socket)
    expect(said.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
    expect(said).toMatch(/^connection: close\r?$/im)
    expect(asked).toEqual([])
  })

  it('has room for so many connections and no more', async () => {
    const port = await open({ maxConnections: 4, times: PATIENT })
    const held = Array.from({ length: 4 }, () => connectPlain(port, '127.0.0.1'))
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    await untilEnded(connectPlain(port, '127.0.0.1'))
    for (const socket of held) socket.destroy()
    await expect
      .poll(
        () =>
          ask(port, '/media').then(
            (res) => res.statusCode,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(200)
  })

  it('counts IPv4 by address, IPv6 by network, and this machine not at all', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7')
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
    expect(networkOf('2001:db8:1:2:3::4')).toBe(networkOf('2001:db8:1:2:ffff::1'))
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
    for (const own of ['127.0.0.1', '::1', undefined]) expect(networkOf(own)).toBeNull()
  })
})

describe('[ASVS-12.1.1] [ASVS-12.2.1] TLS of its own', () => {
  it('speaks 1.2 and 1.3, serves a renewed certificate, and keeps the old one where the new one is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-tls-'))
    closing.push(() => void rm(folder, { recursive: true, force: true }))
    const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
    const serve = async ({ cert, key }: { cert: string; key: string }) => {
      await writeFile(tls.keyFile, key)
      await writeFile(tls.certFile, cert)
    }
    await serve(selfSigned({}))
    const lines: string[] = []
    const log = pino({}, { write: (line) => lines.push(line) })
    const port = await open({ tls, log, publicUrl: 'https://localhost:4100', times: PATIENT })
    const shake = async (
      minVersion: 'TLSv1.1' | 'TLSv1.2',
      maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3',
    ) => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false, minVersion, maxVersion }
      const socket = connect({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' })
      await once(socket, 'secureConnect')
      const seen = { protocol: socket.getProtocol(), serial: socket.getPeerCertificate().fingerprint256 }
      socket.destroy()
      return seen
    }
    const first = await shake('TLSv1.2', 'TLSv1.3')
    expect(first.protocol).toBe('TLSv1.3')
    expect((await shake('TLSv1.2', 'TLSv1.2')).protocol).toBe('TLSv1.2')
    await expect(shake('TLSv1.1', 'TLSv1.1')).rejects.toThrow()

    await serve(selfSigned({}))
    await expect
      .poll(async () => (await shake('TLSv1.2', 'TLSv1.3')).serial, { timeout: 30_000 })
      .not.toBe(first.serial)
    const second = await shake('TLSv1.2', 'TLSv1.3')
    await writeFile(tls.certFile, 'nonsense')
    const seen = lines.length
    await expect.poll(() => lines.slice(seen + 1).join(''), { timeout: 30_000 }).toContain('can’t be renewed')
    expect(await shake('TLSv1.2', 'TLSv1.3')).toEqual(second)
  })

  it('takes no ticket of a session that is older than its keys', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-tls-'))
    closing.push(() => void rm(folder, { recursive: true, force: true }))
    const tls = await writeCertificate(folder, selfSigned())
    const resumes = async (port: number) => {
      const options = { port, host: '127.0.0.1', rejectUnauthorized: false }
      const first = connect(options)
      const [session] = (await once(first, 'session')) as [Buffer]
      first.destroy()
      return async () => {
        const again = connect({ ...options, session })
        await once(again, 'secureConnect')
        const reused = again.isSessionReused()
        again.destroy()
        return reused
      }
    }
    expect(await (await resumes(await open({ tls, times: PATIENT })))()).toBe(true)
    const rotated = await resumes(await open({ tls, times: { ...PATIENT, ticketKeysMs: 50 } }))
    await expect.poll(rotated, { timeout: 30_000 }).toBe(false)
  })

  it('does not start with a certificate that it can’t serve', async () => {
    const tls = { certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' }
    await expect(open({ tls })).rejects.toThrow("/nowhere/cert.pem can't be read (ENOENT)")
  })
})
