import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { assertKey, type StoragePort } from './port.ts'

// Hidden, so that no key can name it.
const INCOMING = '.incoming'

/** Files below one folder; written beside, synced, then renamed, so that a killed portal leaves a whole file or none. */
export function createDiskStorage({ folder }: { folder: string }): StoragePort {
  const place = (key: string) => {
    assertKey(key)
    return join(folder, key)
  }
  return {
    kind: 'disk',
    async putFile(key, path) {
      const target = place(key)
      const draft = join(folder, INCOMING, randomUUID())
      await mkdir(dirname(draft), { recursive: true, mode: 0o700 })
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      try {
        await copyFile(path, draft)
        await sync(draft)
        await rename(draft, target)
        await sync(dirname(target))
      } finally {
        await rm(draft, { force: true })
      }
    },
    async open(key) {
      const file = place(key)
      const found = await stat(file).catch(absent)
      if (!found?.isFile()) return null
      return { bytes: found.size, stream: async () => createReadStream(file) }
    },
    delete: (key) => rm(place(key), { force: true }),
    async list(prefix) {
      const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(absent)
      return (found ?? [])
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((key) => key.startsWith(prefix) && !key.startsWith(INCOMING))
        .sort()
    },
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
