import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { storageContract } from '#engine/storage/contract.ts'
import { StorageError } from '#engine/storage/port.ts'
import { openS3Storage } from '#engine/storage/s3.ts'
import { startFaultyProxy } from '../../../tests/support/faulty-proxy.ts'
import { createRandom } from '../../../tests/support/random.ts'
import { type S3Server, startS3Server } from '../../../tests/support/s3-server.ts'
import { until } from '../../../tests/support/until.ts'

let server: S3Server
let stores = 0
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(() => server.stop())

// One bucket; each store has a prefix of its own, which also shows that prefixes hold.
const open = () => {
  stores += 1
  return openS3Storage({ ...server.settings, prefix: `store-${stores}/` })
}

storageContract('S3', open)

it('stores large files in parts, and streams them by range', async () => {
  const storage = await open()
  const folder = await mkdtemp(path.join(os.tmpdir(), 's3-'))
  const bytes = randomBytes(40 * 1024 * 1024 + 7)
  await writeFile(path.join(folder, 'large'), bytes)
  await storage.put('spool/large', { path: path.join(folder, 'large') })
  const object = await storage.open('spool/large')
  expect(object?.size).toBe(bytes.length)
  expect((await buffer(object!.stream())).equals(bytes)).toBe(true)
  const range = { start: 16 * 1024 * 1024 - 5, end: 16 * 1024 * 1024 + 4 }
  expect(await buffer(object!.stream(range))).toEqual(bytes.subarray(range.start, range.end + 1))
  await rm(folder, { recursive: true })
})

it('deletes and lists more than one page', async () => {
  const storage = await open()
  const names = Array.from({ length: 1105 }, (_, n) => `v/many/${String(n).padStart(5, '0')}`)
  for (let n = 0; n < names.length; n += 50)
    await Promise.all(names.slice(n, n + 50).map((name) => storage.put(name, Buffer.from('x'))))
  expect(await storage.list('v/many/')).toEqual(names)
  await storage.deletePrefix('v/many/')
  expect(await storage.list('')).toEqual([])
})

it('signs addresses that anybody may fetch', async () => {
  const storage = await open()
  await storage.put('a/b', Buffer.from('public for a minute'))
  const answer = await fetch(await storage.presign!('a/b', 60))
  expect(await answer.text()).toBe('public for a minute')
})

it('rides over a rough line, and tells a store that is down by one kind of error', async () => {
  const random = createRandom(7)
  const proxy = await startFaultyProxy(server.port, () => random.below(1_000_000) / 1_000_000)
  const storage = await openS3Storage({ ...server.settings, prefix: 'rough/', endpoint: proxy.origin })
  const bytes = randomBytes(2_000_000)
  await storage.put('a/b', bytes)
  proxy.set({ kind: 'rough', rate: 0.3 })
  let whole = 0
  for (let n = 0; n < 30; n += 1) {
    const object = await storage.open('a/b').catch((error) => {
      expect(error).toBeInstanceOf(StorageError)
      return null
    })
    const read = object && (await buffer(object.stream()).catch(() => null))
    if (!read) continue
    expect(read.equals(bytes)).toBe(true)
    whole += 1
  }
  expect(proxy.failed()).toBeGreaterThan(5)
  expect(whole).toBeGreaterThan(15)

  proxy.set({ kind: 'down' })
  const secret = server.settings.credentials!.secretAccessKey
  for (const work of [() => storage.put('a/c', bytes), () => storage.readAll('a/b'), () => storage.check()]) {
    const error = await work().then(
      () => null,
      (thrown) => thrown,
    )
    expect(error).toBeInstanceOf(StorageError)
    expect(JSON.stringify({ ...error, text: error.stack })).not.toContain(secret)
  }
  proxy.set({ kind: 'fair' })
  await storage.check()
  await storage.close()
  await proxy.stop()
})

it('[ASVS-1.4.3] leaves no connection behind when a reader goes away in the middle', async () => {
  const proxy = await startFaultyProxy(server.port)
  const storage = await openS3Storage({ ...server.settings, prefix: 'gone/', endpoint: proxy.origin })
  await storage.put('a/b', randomBytes(8_000_000))
  for (let n = 0; n < 20; n += 1) {
    const stream = (await storage.open('a/b'))!.stream()
    for await (const _ of stream) break
  }
  expect(await proxy.connections()).toBeLessThan(8)
  await storage.close()
  await until('every connection is closed', async () => (await proxy.connections()) === 0)
  await proxy.stop()
})
