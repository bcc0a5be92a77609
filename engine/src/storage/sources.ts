import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { access, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { assertKey, type ListedObject } from '#engine/storage/port.ts'

/** A source as a file on this machine, for ffmpeg. */
export type OpenSource = {
  path: string
  /** Gives back whatever was fetched for it; the path may be gone afterwards. */
  release(): Promise<void>
}

/** Thrown where a source's bytes are not (or no longer) there. */
export class SourceMissing extends Error {
  constructor(key: string) {
    super(`the source ${key} is not there`)
    this.name = 'SourceMissing'
  }
}

/**
 * The complete source files of assets, by key (assets.source_key): `spool/<upload id>` or another name below `spool/`.
 * Only this module knows where their bytes lie.
 */
export type Sources = {
  /** Takes over a finished local file, which is moved away. Durable when it resolves; replaces what was there. */
  import(key: string, localPath: string): Promise<void>
  /**
   * The source as a local file; what must be fetched for it goes into `workFolder` and is compared with its SHA-256,
   * if that is known. Throws SourceMissing.
   */
  open(key: string, workFolder: string, signal?: AbortSignal, sha256?: Buffer | null): Promise<OpenSource>
  /** SHA-256, from the bytes themselves; null where there is no such source. */
  hash(key: string, signal?: AbortSignal): Promise<Buffer | null>
  /** Bytes; null where there is no such source. */
  size(key: string): Promise<number | null>
  /** Removing nothing is fine. */
  remove(key: string): Promise<void>
  /** Everything that is stored of sources and running uploads; a source may be several objects, `<key>/…`. */
  walk(): AsyncIterable<ListedObject>
  /** Removes one of those. */
  removeStored(stored: string): Promise<void>
}

/** Sources as files below one folder, which other machines may share. */
export function createDiskSources(folder: string): Sources {
  const root = resolve(folder)
  const locate = (key: string) => {
    assertKey(key)
    return join(root, key)
  }
  return {
    async import(key, localPath) {
      const target = locate(key)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await moveDurably(localPath, target)
    },
    async open(key) {
      const path = locate(key)
      await access(path, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new SourceMissing(key) : error
      })
      return { path, release: async () => undefined }
    },
    hash: async (key, signal) => hashFile(locate(key), signal).catch(absent),
    async size(key) {
      return (await stat(locate(key)).catch(absent))?.size ?? null
    },
    remove: (key) => rm(locate(key), { force: true }),
    walk: () => walkFolder(root),
    removeStored: (key) => rm(locate(key), { force: true }),
  }
}

async function* walkFolder(root: string): AsyncIterable<ListedObject> {
  const entries = await readdir(join(root, 'spool'), { withFileTypes: true }).catch(absent)
  for (const { name } of entries ?? []) {
    const found = await stat(join(root, 'spool', name)).catch(absent)
    if (found?.isFile()) yield { key: `spool/${name}`, bytes: found.size, at: found.mtime }
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

async function hashFile(path: string, signal?: AbortSignal): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) hash.update(piece)
  return hash.digest()
}

async function moveDurably(from: string, to: string): Promise<void> {
  await sync(from)
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const incoming = `${to}.incoming`
    await copyFile(from, incoming)
    await sync(incoming)
    await rename(incoming, to)
    await rm(from)
  }
  await sync(dirname(to))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}
