import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { assertKey, assertPrefix, type ByteRange, type StoragePort } from '#engine/storage/port.ts'

// Hidden, so that no key can name it and `list` never shows it.
const TEMPORARY = '.incoming'
const ABANDONED_MS = 6 * 3600_000

/**
 * Objects as files below one folder. A put writes a temporary file, fsyncs it, renames it and fsyncs the
 * folder, so a killed machine leaves the whole object or none.
 */
export async function openDiskStorage(folder: string): Promise<StoragePort> {
  const root = path.resolve(folder)
  await mkdir(path.join(root, TEMPORARY), { recursive: true, mode: 0o700 })
  await removeAbandoned(path.join(root, TEMPORARY))
  return {
    put: async (key, body) => putFile(root, key, body),
    open: async (key) => openFile(locate(root, key)),
    readAll: async (key) => readFile(locate(root, key)).catch(absent),
    deletePrefix: async (prefix) => deleteFolder(root, prefix),
    list: async (prefix) => listFiles(root, prefix),
  }
}

function locate(root: string, key: string): string {
  assertKey(key)
  return path.join(root, key)
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}

async function openFile(file: string) {
  const found = await stat(file).catch(absent)
  if (!found?.isFile()) return null
  return { size: found.size, stream: (range?: ByteRange) => createReadStream(file, range) }
}

async function putFile(root: string, key: string, body: Buffer | { path: string }): Promise<void> {
  const target = locate(root, key)
  const temporary = path.join(root, TEMPORARY, randomBytes(12).toString('hex'))
  try {
    if (!Buffer.isBuffer(body)) await move(body.path, temporary)
    const handle = await open(temporary, Buffer.isBuffer(body) ? 'wx' : 'r+', 0o600)
    try {
      if (Buffer.isBuffer(body)) await handle.writeFile(body)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await publish(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    await copyFile(from, to)
    await rm(from)
  })
}

async function publish(temporary: string, target: string): Promise<void> {
  const parent = path.dirname(target)
  for (let attempt = 1; ; attempt += 1) {
    await mkdir(parent, { recursive: true, mode: 0o700 })
    try {
      await rename(temporary, target)
      const handle = await open(parent, 'r')
      await handle.sync().finally(() => handle.close())
      return
    } catch (error) {
      // A deletion of a neighbour may have taken the empty folder away between mkdir and rename.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 5) throw error
    }
  }
}

async function deleteFolder(root: string, prefix: string): Promise<void> {
  assertPrefix(prefix)
  const folder = path.join(root, prefix.slice(0, -1))
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  for (let parent = path.dirname(folder); parent !== root; parent = path.dirname(parent)) {
    const empty = await rmdir(parent).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
    if (!empty) return
  }
}

async function listFiles(root: string, prefix: string): Promise<string[]> {
  if (prefix !== '') assertPrefix(prefix)
  const entries = await readdir(path.join(root, prefix), { recursive: true, withFileTypes: true }).catch(
    absent,
  )
  return (entries ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((key) => !key.startsWith(`${TEMPORARY}/`))
    .sort()
}

// What a killed process left half-written; a put under way is minutes old at most.
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await stat(path.join(folder, name)).catch(absent)
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path.join(folder, name), { force: true })
  }
}
