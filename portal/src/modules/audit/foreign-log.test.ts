import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ecdsaSigner,
  type ForeignLog,
  foreignLog,
  foreignWitness,
  mlDsaSigner,
  noteKey,
  signatureLine,
  treeHeadSigner,
} from '../../../../tests/support/foreign-log.ts'
import { listenOnFreePort } from '../../../../tests/support/listen.ts'
import { createRandom } from '../../../../tests/support/random.ts'
import { openLog, type VerifyReport, verifyLog } from './verifier.mjs'

const VERIFIER = fileURLToPath(new URL('./verifier.mjs', import.meta.url))

/** Arbitrary bytes, of no length too. */
const entriesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => Buffer.from(i % 97 === 0 ? '' : `entry ${i} \xff\0`, 'latin1'))

const readOf = (files: ReadonlyMap<string, Buffer>) => async (path: string) => files.get(path) ?? null
const verify = (log: ForeignLog, options: Partial<Parameters<typeof verifyLog>[1]> = {}) =>
  verifyLog(readOf(log.files), { vkeys: [log.vkey], ...options })

const codes = (report: VerifyReport) => report.faults.map(({ code }) => code)

describe('a log of somebody else', () => {
  test.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 70_000])(
    '[ALV-02] of %i entries is verified',
    async (size) => {
      const log = foreignLog(entriesOf(size))
      const report = await verify(log, { oldCheckpoint: log.checkpoint(Math.floor(size / 3)) })
      expect(report.faults).toEqual([])
      expect(report).toMatchObject({
        ok: true,
        origin: log.origin,
        size,
        entries: { read: size, byHashAlone: 0 },
      })
      expect(report.notProved.join('\n')).toContain('no witness')
      if (size > 0) expect(report.notProved.join('\n')).toContain('not events of this portal')
    },
  )

  test('[ALV-02] around 65,536 entries, where a third level begins, is verified', async () => {
    const all = entriesOf(65_537)
    const sizes = [
      [65_535, 65_280],
      [65_536, 65_535],
      [65_537, 65_536],
    ] as const
    for (const [size, old] of sizes) {
      const log = foreignLog(all.slice(0, size))
      const report = await verify(log, { oldCheckpoint: log.checkpoint(old), checkEntries: size === 65_536 })
      expect({ size, old, faults: report.faults }).toEqual({ size, old, faults: [] })
    }
  }, 120_000)

  test('[ALV-02] with extension lines, strangers’ signatures and a full tile in a part’s place is verified', async () => {
    const { name, id } = noteKey('stranger.example')
    const log = foreignLog(entriesOf(300), {
      extensions: ['built by hand', '— not a signature'],
      strangers: signatureLine(name, id, Buffer.alloc(64)),
    })
    const longer = foreignLog(entriesOf(512))
    for (const kind of ['0', 'entries']) {
      log.files.delete(`tile/${kind}/001.p/44`)
      log.files.set(`tile/${kind}/001`, longer.files.get(`tile/${kind}/001`)!)
    }
    expect((await verify(log)).faults).toEqual([])
  })

  test.each([
    ['ECDSA', ecdsaSigner('log.example.net/granite')],
    ['a tree head of RFC 6962', treeHeadSigner('log.example.net/granite')],
    ['ML-DSA-44', mlDsaSigner('log.example.net/granite', 'log.example.net/granite')],
  ])('[ALV-02] signed by %s is verified, and not with another root', async (_, signer) => {
    const log = foreignLog(entriesOf(10), { signer })
    expect((await verify(log)).faults).toEqual([])
    const other = foreignLog(entriesOf(11))
    const [, size, root] = other.checkpoint().split('\n')
    const [origin, , , ...rest] = log.checkpoint().split('\n')
    log.files.set('checkpoint', Buffer.from([origin, size, root, ...rest].join('\n')))
    expect(codes(await verify(log))).toEqual(['signature'])
  })

  test('[ALV-02] is vouched for by its witnesses, as many as are asked for', async () => {
    const log = foreignLog(entriesOf(5))
    const [first, second, absent] = ['w1', 'w2', 'w3'].map((name) => foreignWitness(`${name}.example`))
    log.files.set('checkpoint', Buffer.from(second!.cosign(first!.cosign(first!.cosign(log.checkpoint())))))
    const witnesses = [first!.vkey, second!.vkey, absent!.vkey]
    const report = await verify(log, { witnesses, threshold: 2 })
    expect(report).toMatchObject({ ok: true, witnesses: [{ name: 'w1.example' }, { name: 'w2.example' }] })
    expect(report.proved.join('\n')).toContain('w1.example at 2027-01-15T08:00:00.000Z')
    expect(report.notProved.join('\n')).not.toContain('witness')
    expect(codes(await verify(log, { witnesses }))).toEqual(['witness'])
    const forged = log.files
      .get('checkpoint')!
      .toString()
      .replace(/(w2\.example \S{20})./, (_, head) => `${head}_`)
    log.files.set('checkpoint', Buffer.from(forged))
    expect((await verify(log, { witnesses, threshold: 1 })).ok).toBe(false)
  })

  test('[ALV-02] of which any one byte is changed, or any file is gone, is refused', async () => {
    const log = foreignLog(entriesOf(600))
    const random = createRandom(7)
    for (const [path, bytes] of log.files) {
      const changed = Buffer.from(bytes)
      changed[random.below(bytes.length)]! ^= 1 + random.below(255)
      for (const files of [
        new Map(log.files).set(path, changed),
        new Map([...log.files].filter(([at]) => at !== path)),
      ])
        expect({ path, ok: (await verifyLog(readOf(files), { vkeys: [log.vkey] })).ok }).toEqual({
          path,
          ok: false,
        })
    }
  })

  test('[ALV-02] that was rolled back, or forked behind an old checkpoint, is refused', async () => {
    const log = foreignLog(entriesOf(300))
    const shorter = foreignLog(entriesOf(299))
    const old = { oldCheckpoint: log.checkpoint(), vkeys: [log.vkey] }
    shorter.files.set('checkpoint', Buffer.from(log.checkpoint(299)))
    expect(codes(await verifyLog(readOf(shorter.files), old))).toEqual(['rollback'])
    const forked = foreignLog([...entriesOf(99), Buffer.from('other'), ...entriesOf(300)])
    const report = await verify(forked, { vkeys: [log.vkey, forked.vkey], oldCheckpoint: log.checkpoint() })
    expect(codes(report)).toEqual(['fork'])
  })

  test('[ALV-02] that was pruned is proved by hashes alone, where that is allowed', async () => {
    const log = foreignLog(entriesOf(1000))
    for (const path of ['tile/entries/000', 'tile/entries/001', 'tile/0/000']) log.files.delete(path)
    expect(codes(await verify(log))).toEqual(['tile', 'entries'])
    const report = await verify(log, { allowPurged: true })
    expect(report).toMatchObject({ ok: true, entries: { read: 488, byHashAlone: 512 } })
    expect(report.notProved[0]).toContain('entries 0 to 511')
  })

  test('[ALV-02] of certificates (static-ct-api), compressed at rest, is verified', async () => {
    const u = (value: number, length: number) =>
      Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')
    const vector = (length: number, bytes: Buffer) => Buffer.concat([u(bytes.length, length), bytes])
    const leaves = Array.from({ length: 300 }, (_, i) => {
      const isPre = i % 3 === 0
      const signed = Buffer.concat([
        ...(isPre ? [Buffer.alloc(32, 7)] : []),
        vector(3, Buffer.from(`certificate ${i}`)),
        vector(2, Buffer.from([0, 0, 5, 0, 0, 0, 0, i & 255])),
      ])
      const stamped = Buffer.concat([u(i, 8), u(isPre ? 1 : 0, 2), signed])
      const pre = isPre ? [vector(3, Buffer.from('precertificate'))] : []
      return { stamped, tile: Buffer.concat([stamped, ...pre, vector(2, Buffer.alloc(64, 1))]) }
    })
    const signer = treeHeadSigner('ct.example.net/2027h1')
    const log = foreignLog(
      leaves.map(({ stamped }) => Buffer.concat([Buffer.of(0, 0), stamped])),
      { origin: 'ct.example.net/2027h1', signer },
    )
    for (const [n, name] of ['000', '001.p/44'].entries()) {
      log.files.delete(`tile/entries/${name}`)
      const tile = Buffer.concat(leaves.slice(n * 256, n * 256 + 256).map((leaf) => leaf.tile))
      log.files.set(`tile/data/${name}`, gzipSync(tile))
    }
    expect(await verify(log)).toMatchObject({ faults: [], entries: { read: 300 } })
    log.files.set('tile/data/000', gzipSync(Buffer.from('no certificates')))
    expect((await verify(log)).ok).toBe(false)
  })
})

describe('where a log may lie', () => {
  const cleanups: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup()
  })

  async function folderOf(log: ForeignLog): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mm-foreign-'))
    cleanups.push(() => rm(folder, { recursive: true, force: true }))
    for (const [path, bytes] of log.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), bytes)
    }
    return folder
  }

  const run = async (...args: string[]) =>
    await promisify(execFile)(process.execPath, [VERIFIER, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }) =>
        ({ code, stdout, stderr }) as { code: number; stdout: string; stderr: string },
    )

  test('[ALV-02] in a folder: the command verifies it, and says so by its status', async () => {
    const log = foreignLog(entriesOf(700))
    const folder = await folderOf(log)
    const whole = await run(folder, '--vkey', log.vkey)
    expect(whole).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/700 entries are the ones[\s\S]*\nVERIFIED\n$/),
    })
    const json = await run('log', `file://${folder}`, '--vkey', log.vkey, '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, size: 700 })
    await writeFile(join(folder, 'tile/entries/001'), 'x')
    expect(await run(folder, '--vkey', log.vkey)).toMatchObject({ code: 1 })
    expect((await run(folder, '--vkey', log.vkey, '--tree-only')).code).toBe(0)
    expect((await run(folder)).code).toBe(2)
    expect(await run(folder, '--vkey', 'nobody+00000000+AQ==')).toMatchObject({ code: 2 })
  })

  test('[ALV-02] at an address: compressed, failing now and then, and asking who comes', async () => {
    const log = foreignLog(entriesOf(900))
    const failed = new Set<string>()
    const server = createServer((request, response) => {
      const path = request.url!.slice('/granite/'.length)
      const bytes = log.files.get(path)
      if (request.headers.authorization !== 'Bearer of good news') return response.writeHead(401).end()
      if (!bytes) return response.writeHead(404).end()
      if (path.endsWith('2') && !failed.has(path)) {
        failed.add(path)
        return response.writeHead(503).end()
      }
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes))
    })
    const { origin, stop } = await listenOnFreePort(server)
    cleanups.push(stop)
    const address = `${origin}/granite/`
    const read = openLog(address, { authorization: 'Bearer of good news' })
    expect((await verifyLog(read, { vkeys: [log.vkey] })).faults).toEqual([])
    expect(failed.size).toBeGreaterThan(0)
    await expect(verifyLog(openLog(address), { vkeys: [log.vkey] })).rejects.toThrow('--authorization-file')
  })

  test('[ALV-02] an answer without end is cut off', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200)
      const more = () => {
        while (response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', more)
      }
      more()
    })
    const { origin, stop } = await listenOnFreePort(server)
    cleanups.push(stop)
    const { vkey } = noteKey('log.example.net/granite')
    await expect(verifyLog(openLog(origin), { vkeys: [vkey] })).rejects.toThrow('more than the 131072 bytes')
  })
})
