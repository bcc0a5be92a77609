import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned, type TestCertificate, writeCertificate } from '../../../tests/support/certificate.ts'
import { type Listening, listenOnFreePort } from '../../../tests/support/listen.ts'
import { boundsFor } from './connection-book.ts'
import { createFrontDoor, type FrontDoorOptions, type Handler } from './front-door.ts'
import { readCertificate, type TlsTrouble, watchCertificate } from './tls-certificate.ts'

let folder: string
let files: { certFile: string; keyFile: string }
let door: Listening
let stopWatch: () => void = () => undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mm-tls-'))
})
afterEach(async () => {
  stopWatch()
  await door?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function serve(certificate: TestCertificate, more: Partial<FrontDoorOptions> = {}) {
  files = await writeCertificate(folder, certificate)
  const served = await readCertificate(files)
  const server = createFrontDoor({
    handle: (_, res) => void res.end('ok'),
    ...{ bounds: boundsFor(1000), addressOf: (address: string) => address },
    tls: served.options,
    ...more,
  })
  door = await listenOnFreePort(server)
  return { server: server as unknown as Parameters<typeof watchCertificate>[0]['server'], served }
}

type Shaken = { protocol: string | null; cipher: string; serial: string }

/** A handshake, or why there was none. */
function shake(more: ConnectionOptions = {}): Promise<Shaken | string> {
  return new Promise((resolve) => {
    const socket = connect({ port: door.port, host: '127.0.0.1', rejectUnauthorized: false, ...more })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('secureConnect', () => {
      const { serialNumber } = socket.getPeerCertificate()
      resolve({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        serial: serialNumber,
      })
      socket.destroy()
    })
  })
}

const OLD = 'DEFAULT@SECLEVEL=0'

describe('TLS for direct exposure', () => {
  it('[ASVS-12.1.1] speaks 1.2 and 1.3, and nothing older', async () => {
    await serve(selfSigned())
    expect(await shake()).toMatchObject({ protocol: 'TLSv1.3' })
    expect(await shake({ maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' })
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      const answer = await shake({ minVersion: version, maxVersion: version, ciphers: OLD })
      expect(answer, version).toMatch(/ALERT|VERSION|RESET/)
    }
  })

  it.each([
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
  ])('[ASVS-12.1.2] takes %s', async (ciphers) => {
    await serve(selfSigned())
    expect(await shake({ maxVersion: 'TLSv1.2', ciphers })).toMatchObject({ protocol: 'TLSv1.2' })
  })

  it.each(['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'AES128-GCM-SHA256', 'AECDH-AES128-SHA'])(
    '[ASVS-12.1.2] refuses %s: no authenticated encryption, forward secrecy or certificate',
    async (ciphers) => {
      await serve(selfSigned())
      expect(await shake({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` })).toMatch(/ALERT|RESET/)
    },
  )

  it('[E2E-08] ends a handshake that never ends, and a head after it that never does', async () => {
    await serve(selfSigned(), { times: { handshakeMs: 300, headersMs: 300, sweepMs: 50 } })
    const silent = connectTcp(door.port, '127.0.0.1')
    await new Promise((resolve) => silent.once('close', resolve))
    const slow = connect({ port: door.port, host: '127.0.0.1', rejectUnauthorized: false })
    slow.on('error', () => undefined)
    slow.write('GET / HTTP/1.1\r\nhost: x\r\n')
    await new Promise((resolve) => slow.once('close', resolve).resume())
  })

  it('[ASVS-4.2.1] answers a body that is none once, whoever else would answer it too', async () => {
    const handle: Handler = async (_, res) => {
      await null
      res.writeHead(401).end()
    }
    await serve(selfSigned(), { handle })
    const asks = connect({ port: door.port, host: '127.0.0.1', rejectUnauthorized: false })
    let heard = ''
    asks
      .on('error', () => undefined)
      .on('data', (bytes) => {
        heard += bytes
      })
    asks.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')
    await new Promise((resolve) => asks.once('close', resolve))
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400'])
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    '%s: no ticket of a session outlives its keys',
    async (version) => {
      const options = {
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
      }
      const visit = async (session?: Buffer) => {
        const socket = connect({ ...options, port: door.port, ...(session && { session }) })
        const ticket = new Promise<Buffer>((resolve) => socket.once('session', resolve))
        await new Promise((resolve) => socket.once('secureConnect', resolve))
        const resumed = socket.isSessionReused()
        return { resumed, ticket, leave: () => socket.destroy() }
      }
      const first = async () => {
        const { ticket, leave } = await visit()
        const session = await ticket
        leave()
        return async () => {
          const { resumed, leave } = await visit(session)
          leave()
          return resumed
        }
      }
      await serve(selfSigned())
      expect(await (await first())()).toBe(true)
      await door.stop()
      await serve(selfSigned(), { times: { ticketKeysMs: 50 } })
      const resumes = await first()
      await expect.poll(resumes, { timeout: 30_000 }).toBe(false)
    },
  )

  it('serves a renewed certificate without a restart, to new connections', async () => {
    const { server, served } = await serve(selfSigned())
    const renewals: Date[] = []
    const watch = watchCertificate({
      ...{ server, files, served, everyMs: 3_600_000, clock: () => new Date() },
      onRenewed: (validTo) => renewals.push(validTo),
      onTrouble: () => undefined,
    })
    stopWatch = watch.stop
    const before = (await shake()) as Shaken
    await watch.look()
    expect(renewals).toEqual([])
    await writeCertificate(folder, selfSigned({ days: 30 }))
    await watch.look()
    expect(((await shake()) as Shaken).serial).not.toBe(before.serial)
    expect(renewals).toHaveLength(1)
  })

  it('keeps the old one where the new one can’t be used, and tells; not of the moment between two files', async () => {
    const { server, served } = await serve(selfSigned())
    const troubles: (TlsTrouble | null)[] = []
    const watch = watchCertificate({
      ...{ server, files, served, everyMs: 3_600_000, clock: () => new Date() },
      onRenewed: () => undefined,
      onTrouble: (trouble) => troubles.push(trouble),
    })
    stopWatch = watch.stop
    const before = (await shake()) as Shaken
    await writeFile(files.certFile, selfSigned().cert)
    await watch.look()
    expect(troubles).toEqual([])
    await watch.look()
    expect(troubles).toMatchObject([{ reason: 'unreadable' }])
    expect(troubles[0]?.summary).toContain('The old one is served.')
    expect(((await shake()) as Shaken).serial).toBe(before.serial)
    await writeCertificate(folder, selfSigned())
    await watch.look()
    expect(troubles.at(-1)).toBeNull()
  })

  it.each([
    [13, 'ends in 13 days'],
    [-2, 'has ended'],
  ])('tells of one that ends in %i days', async (days, words) => {
    const { server, served } = await serve(selfSigned({ days: 90 }))
    const troubles: (TlsTrouble | null)[] = []
    const at = new Date(served.validTo.getTime() - (days + 0.5) * 86_400_000)
    const watch = watchCertificate({
      ...{ server, files, served, everyMs: 3_600_000, clock: () => at },
      onRenewed: () => undefined,
      onTrouble: (trouble) => troubles.push(trouble),
    })
    stopWatch = watch.stop
    await watch.look()
    expect(troubles).toMatchObject([{ reason: 'expires', days, summary: expect.stringContaining(words) }])
  })

  it('says what is wrong with the files, and nothing of the key', async () => {
    const [one, other] = [selfSigned(), selfSigned()]
    door = await listenOnFreePort(createServer())
    const read = async (cert: string, key: string) =>
      readCertificate(await writeCertificate(folder, { cert, key })).catch((error: Error) => error.message)
    expect(await read(one.cert, other.key)).toMatch(/key\.pem is not the private key \(PEM\) of .*cert\.pem/)
    expect(await read('nonsense', one.key)).toMatch(/cert\.pem is no certificate/)
    expect(await read(one.cert, 'nonsense')).not.toContain('nonsense')
    await rm(join(folder, 'key.pem'))
    expect(
      await readCertificate({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }).catch(
        String,
      ),
    ).toMatch(/key\.pem can't be read \(ENOENT\)/)
  })
})
