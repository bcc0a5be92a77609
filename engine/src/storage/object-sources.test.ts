import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createObjectSources } from '#engine/storage/object-sources.ts'
import { pieceKey } from '#engine/storage/pieces.ts'
import { StorageError, type StoragePort } from '#engine/storage/port.ts'
import { openS3Storage } from '#engine/storage/s3.ts'
import { SourceMissing, type Sources } from '#engine/storage/sources.ts'
import { type S3Server, startS3Server } from '../../../tests/support/s3-server.ts'

let server: S3Server
let storage: StoragePort
let sources: Sources
let folder: string
beforeAll(async () => {
  server = await startS3Server()
  storage = await openS3Storage(server.settings)
  sources = createObjectSources(storage)
  folder = await mkdtemp(path.join(os.tmpdir(), 'object-sources-'))
})
afterAll(async () => {
  await storage.close()
  await server.stop()
  await rm(folder, { recursive: true })
})
const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

it('fetches what an upload left in overlapping pieces, and checks its sum', async () => {
  const bytes = randomBytes(1_000_000)
  const cuts = [
    [0, 300_000],
    [250_000, 600_000],
    [250_000, 400_000],
    [600_000, 1_000_000],
  ] as const
  for (const [from, to] of cuts)
    await storage.put(pieceKey('spool/pieces/', from, to - from), bytes.subarray(from, to))
  expect(await sources.size('spool/pieces')).toBe(bytes.length)
  expect(await sources.hash('spool/pieces')).toEqual(sum(bytes))
  const opened = await sources.open('spool/pieces', folder, undefined, sum(bytes))
  expect((await readFile(opened.path)).equals(bytes)).toBe(true)
  await opened.release()
  await expect(stat(opened.path)).rejects.toThrow('ENOENT')
  const other = sources.open('spool/pieces', folder, undefined, sum(Buffer.from('another')))
  await expect(other).rejects.toThrow(StorageError)
})

it('keeps an imported file as one piece, which a second import replaces', async () => {
  for (const bytes of [randomBytes(20_000_000), randomBytes(1000)]) {
    const made = path.join(folder, 'made')
    await writeFile(made, bytes)
    await sources.import('spool/url', made)
    await expect(stat(made)).rejects.toThrow('ENOENT')
    const opened = await sources.open('spool/url', folder, undefined, sum(bytes))
    expect((await readFile(opened.path)).equals(bytes)).toBe(true)
  }
  await sources.remove('spool/url')
  expect(await sources.size('spool/url')).toBeNull()
  await expect(sources.open('spool/url', folder)).rejects.toThrow(SourceMissing)
})
