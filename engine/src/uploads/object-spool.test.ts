import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDiskStorage } from '#engine/storage/disk.ts'
import { StorageError, type StoragePort } from '#engine/storage/port.ts'
import { until } from '../../../tests/support/until.ts'
import { createObjectSpool } from './object-spool.ts'

let folder: string
let storage: StoragePort
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'object-spool-'))
  storage = await openDiskStorage(folder)
})
afterAll(() => rm(folder, { recursive: true }))

const MIB = 1024 * 1024

it('keeps each request’s bytes when it is answered, in pieces of bounded size', async () => {
  const spool = createObjectSpool(storage, 8 * MIB)
  const writer = await spool.openForWriting('a', 0)
  for (let n = 0; n < 9; n += 1) await writer.append(randomBytes(MIB))
  await writer.sync()
  expect(await spool.size('a')).toBe(9 * MIB)
  expect(await spool.size('a', 4 * MIB)).toBe(9 * MIB)
  await writer.close()
  const sizes = []
  for await (const { bytes } of storage.walk('spool/a/')) sizes.push(bytes)
  expect(Math.max(...sizes)).toBe(4 * MIB)
  await spool.remove('a')
  expect(await spool.size('a')).toBe(0)
})

it('makes smaller pieces the more write at once', async () => {
  const spool = createObjectSpool(storage, 8 * MIB)
  const writers = await Promise.all(['b', 'c', 'd', 'e'].map((id) => spool.openForWriting(id, 0)))
  for (let n = 0; n < 3; n += 1) await writers[0]!.append(randomBytes(MIB))
  await until('pieces of one MiB', async () => (await storage.list('spool/b/')).length >= 2)
  await Promise.all(writers.map((writer) => writer.close()))
})

it('puts what a stalled connection had sent', async () => {
  const spool = createObjectSpool(storage)
  const writer = await spool.openForWriting('f', 0)
  await writer.append(Buffer.from('abc'))
  await until('the stalled bytes', async () => (await spool.size('f')) === 3)
  await writer.close()
})

it('puts nothing behind a piece that failed, and never has less than it said', async () => {
  let fails = false
  const spool = createObjectSpool({
    ...storage,
    put: async (key, body) => {
      if (fails) throw new StorageError('PutObject', 'down')
      return storage.put(key, body)
    },
  })
  const writer = await spool.openForWriting('g', 0)
  await writer.append(Buffer.from('abc'))
  await writer.sync()
  fails = true
  await writer.append(Buffer.from('def'))
  await expect(writer.sync()).rejects.toThrow(StorageError)
  fails = false
  await expect(writer.append(Buffer.from('ghi'))).rejects.toThrow(StorageError)
  await expect(writer.sync()).rejects.toThrow(StorageError)
  await writer.close()
  expect(await spool.size('g')).toBe(3)
})
