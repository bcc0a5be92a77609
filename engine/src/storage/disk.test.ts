import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
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

it('removes at start what dead processes of this host and ancient ones left half-written, and only that', async () => {
  const folder = await emptyFolder()
  const host = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 12)
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const incoming = path.join(folder, '.incoming')
  await mkdir(incoming)
  const names = {
    dead: `${host}.${dead}.1`,
    living: `${host}.${process.ppid}.1`,
    other: `elsewhere.${dead}.1`,
    old: 'old',
  }
  for (const name of Object.values(names)) await writeFile(path.join(incoming, name), 'x')
  const yesterday = new Date(Date.now() - 24 * 3600_000)
  await utimes(path.join(incoming, names.old), yesterday, yesterday)
  await openDiskStorage(folder)
  expect((await readdir(incoming)).sort()).toEqual([names.living, names.other].sort())
})
