import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDiskSources, SourceMissing, type Sources } from '#engine/storage/sources.ts'

let folder: string
let sources: Sources
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sources-'))
  sources = createDiskSources(path.join(folder, 'data'))
})
afterAll(() => rm(folder, { recursive: true }))

it('takes a local file over, gives it back whole, and removes it', async () => {
  const bytes = randomBytes(3_000_000)
  const made = path.join(folder, 'made')
  await writeFile(made, bytes)
  await sources.import('spool/one', made)
  await expect(stat(made)).rejects.toThrow('ENOENT')
  expect(await sources.size('spool/one')).toBe(bytes.length)
  expect(await sources.hash('spool/one')).toEqual(createHash('sha256').update(bytes).digest())
  const opened = await sources.open('spool/one', folder)
  expect(await readFile(opened.path)).toEqual(bytes)
  await opened.release()
  await sources.remove('spool/one')
  await sources.remove('spool/one')
  expect(await sources.size('spool/one')).toBeNull()
})

it('[ASVS-5.3.2] says what is not there, and refuses keys that leave its folder', async () => {
  expect(await sources.size('spool/none')).toBeNull()
  expect(await sources.hash('spool/none')).toBeNull()
  await expect(sources.open('spool/none', folder)).rejects.toThrow(SourceMissing)
  await expect(sources.open('../made', folder)).rejects.toThrow('unsafe')
})
