import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { storageContract } from '#engine/storage/contract.ts'
import { openDiskStorage } from '#engine/storage/disk.ts'

const folders: string[] = []
async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'disk-storage-'))
  folders.push(folder)
  return folder
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

storageContract('disk', async () => openDiskStorage(await emptyFolder()))

it('leaves no empty folder and no temporary file after a deletion', async () => {
  const folder = await emptyFolder()
  const storage = await openDiskStorage(folder)
  await storage.put('assets/abc/720p/0.m4s', Buffer.from('x'))
  await storage.deletePrefix('assets/abc/')
  expect(await readdir(folder)).toEqual(['.incoming'])
  expect(await readdir(path.join(folder, '.incoming'))).toEqual([])
})

it('removes at start what a killed process left half-written, and only that', async () => {
  const folder = await emptyFolder()
  await mkdir(path.join(folder, '.incoming'))
  await writeFile(path.join(folder, '.incoming', 'old'), 'x')
  await writeFile(path.join(folder, '.incoming', 'new'), 'x')
  const yesterday = new Date(Date.now() - 24 * 3600_000)
  await utimes(path.join(folder, '.incoming', 'old'), yesterday, yesterday)
  await openDiskStorage(folder)
  expect(await readdir(path.join(folder, '.incoming'))).toEqual(['new'])
})
