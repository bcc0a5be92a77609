import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { removeAbandoned, temporaryName } from '#engine/storage/incoming.ts'
import {
  assertKey,
  assertPrefix,
  type ByteRange,
  type ListedObject,
  type StorageBatch,
  StorageError,
  type StoragePort,
  type StoredBody,
  storageTrouble,
} from '#engine/storage/port.ts'

// Hidden, so that no key can name it and `list` never shows it.
const TEMPORARY = '.incoming'

/**
 * Objects as files below one folder. A put writes a temporary file, fsyncs it, renames it and fsyncs the
 * folder, so a killed machine leaves the whole object or none.
 */
export async function openDiskStorage(folder: string): Promise<StoragePort> {
  const root = path.resolve(folder)
  await mkdir(path.join(root, TEMPORARY), { recursive: true, mode: 0o700 })
  await removeAbandoned(path.join(root, TEMPORARY))
  const target = { path: root, syncFolder: createFolderSync() }
  return {
    put: async (key, body) => putFile(target, key, body),
    batch: () => createBatch(target),
    open: async (key) => openFile(locate(root, key)),
    readAll: async (key) => readFile(locate(root, key)).catch(absent),
    delete: async (key) => deleteFile(root, locate(root, key)),
    deletePrefix: async (prefix) => deleteFolder(root, prefix),
    list: async (prefix) => listFiles(root, prefix),
    walk: (prefix, after) => walkFiles(root, prefix, after),
    check: () => checkFolder(path.join(root, TEMPORARY)),
    close: async () => undefined,
  }
}

type Root = { path: string; syncFolder: (folder: string) => Promise<void> }

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

async function putFile(root: Root, key: string, body: StoredBody): Promise<void> {
  const target = locate(root.path, key)
  const temporary = path.join(root.path, TEMPORARY, temporaryName())
  try {
    await writeFile(temporary, body, true)
    await publish(root, temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeFile(file: string, body: StoredBody, durably: boolean): Promise<void> {
  const pieces = Buffer.isBuffer(body) ? [body] : Array.isArray(body) ? body : null
  if (!pieces) await move((body as { path: string }).path, file)
  const handle = await open(file, pieces ? 'w' : 'r+', 0o600)
  try {
    // writev takes 1,024 pieces at most, and may write fewer bytes than asked when the disk is nearly full.
    for (let at = 0; pieces && at < pieces.length; at += 1024) {
      const batch = pieces.slice(at, at + 1024)
      const { bytesWritten } = await handle.writev(batch)
      const wanted = batch.reduce((sum, piece) => sum + piece.length, 0)
      if (bytesWritten < wanted) await handle.write(Buffer.concat(batch), bytesWritten)
    }
    if (durably) await handle.sync()
  } finally {
    await handle.close()
  }
}

// By then the system has written most of it by itself, so that the passes over all files wait for little.
const PARALLEL_SYNCS = 8

/** Files under their final names at once: nobody knows of them before they are settled. */
function createBatch(root: Root): StorageBatch {
  let written = new Set<string>()
  return {
    async put(key, body) {
      const target = locate(root.path, key)
      written.add(target)
      await writeFile(target, body, false).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
        await writeFile(target, body, false)
      })
    },
    async settle() {
      const files = [...written]
      written = new Set()
      const next = files.values()
      const sync = async () => {
        for (const file of next) await syncPath(file)
      }
      await Promise.all(Array.from({ length: PARALLEL_SYNCS }, sync))
      await Promise.all([...new Set(files.map((file) => path.dirname(file)))].map(root.syncFolder))
    },
  }
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    await copyFile(from, to)
    await rm(from)
  })
}

async function publish(root: Root, temporary: string, target: string): Promise<void> {
  const parent = path.dirname(target)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(temporary, target)
      return await root.syncFolder(parent)
    } catch (error) {
      // Not made yet, or taken away by the deletion of a neighbour.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 6) throw error
      await mkdir(parent, { recursive: true, mode: 0o700 })
    }
  }
}

/** Syncs a folder; calls that come while one waits for its turn share it. */
function createFolderSync() {
  const running = new Map<string, Promise<void>>()
  const waiting = new Map<string, Promise<void>>()
  const start = (folder: string): Promise<void> => {
    const task = syncPath(folder).finally(() => running.delete(folder))
    running.set(folder, task)
    return task
  }
  return (folder: string): Promise<void> => {
    const before = running.get(folder)
    if (!before) return start(folder)
    // The running one may have begun before this caller's rename.
    const shared =
      waiting.get(folder) ??
      before
        .catch(() => {})
        .then(() => {
          waiting.delete(folder)
          return start(folder)
        })
    waiting.set(folder, shared)
    return shared
  }
}

async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r')
  await handle.sync().finally(() => handle.close())
}

async function deleteFolder(root: string, prefix: string): Promise<void> {
  assertPrefix(prefix)
  const folder = path.join(root, prefix.slice(0, -1))
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  await removeEmptyParents(root, folder)
}

async function deleteFile(root: string, file: string): Promise<void> {
  await rm(file, { force: true })
  await removeEmptyParents(root, file)
}

async function removeEmptyParents(root: string, folder: string): Promise<void> {
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

async function* walkFiles(root: string, prefix: string, after = ''): AsyncIterable<ListedObject> {
  for (const key of await listFiles(root, prefix)) {
    if (key <= after) continue
    const found = await stat(path.join(root, key)).catch(absent)
    if (found) yield { key, bytes: found.size, at: found.mtime }
  }
}

async function checkFolder(folder: string): Promise<void> {
  const file = path.join(folder, temporaryName())
  try {
    await writeFile(file, Buffer.from('can this be kept?'), true)
  } catch (error) {
    throw new StorageError('a test write', storageTrouble(error) ?? 'unknown')
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}
