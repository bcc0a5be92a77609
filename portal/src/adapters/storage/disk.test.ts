import { mkdtemp, rm } from 'node:fs/promises'
import { afterAll } from 'vitest'
import { storageContract } from './contract.ts'
import { createDiskStorage } from './disk.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

storageContract('a folder', async () => {
  const folder = await mkdtemp('/tmp/mm-files-')
  folders.push(folder)
  return createDiskStorage({ folder })
})
