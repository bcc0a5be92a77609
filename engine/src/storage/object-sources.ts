import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { coverOf, type Piece, pieceKey } from '#engine/storage/pieces.ts'
import { StorageError, type StoragePort } from '#engine/storage/port.ts'
import { SourceMissing, type Sources } from '#engine/storage/sources.ts'

/** Room that a fetch leaves free on the work folder's disk. */
const RESERVE_BYTES = 256 * 1024 * 1024
const FETCHES = 3
const SMALL_BYTES = 16 * 1024 * 1024

/** Sources as pieces in object storage: those of uploads as they arrived, imported ones in one piece. */
export function createObjectSources(storage: StoragePort): Sources {
  const coverOfKey = (key: string) => coverOf(storage, `${key}/`)
  return {
    async import(key, localPath) {
      const { size } = await stat(localPath)
      await storage.deletePrefix(`${key}/`)
      await storage.put(pieceKey(`${key}/`, 0, size), { path: localPath })
    },
    async open(key, workFolder, signal, sha256) {
      const { pieces, length } = await coverOfKey(key)
      if (length === 0) throw new SourceMissing(key)
      await assertRoom(workFolder, length)
      const path = join(workFolder, 'source')
      await fetchPieces(storage, pieces, path, signal)
      if (sha256 && !(await hashFile(path, signal)).equals(sha256)) {
        throw new StorageError('fetching a source', 'another SHA-256 than was uploaded')
      }
      return { path, release: () => rm(path, { force: true }) }
    },
    async hash(key, signal) {
      const { pieces, length } = await coverOfKey(key)
      if (length === 0) return null
      const hash = createHash('sha256')
      for (const piece of pieces) {
        for await (const bytes of await streamOf(storage, piece)) {
          signal?.throwIfAborted()
          hash.update(bytes as Buffer)
        }
      }
      return hash.digest()
    },
    async size(key) {
      const { length } = await coverOfKey(key)
      return length === 0 ? null : length
    },
    remove: (key) => storage.deletePrefix(`${key}/`),
    walk: () => storage.walk('spool/'),
    removeStored: (key) => storage.delete(key),
  }
}

async function assertRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < bytes + RESERVE_BYTES) throw new StorageError('fetching a source', 'no room in work/')
}

async function streamOf(storage: StoragePort, piece: Piece) {
  const object = await storage.open(piece.key)
  if (!object) throw new StorageError('fetching a source', 'a piece is missing')
  return object.stream({ start: piece.skip, end: piece.skip + piece.bytes - 1 })
}

/** A few pieces at a time, each written to its own place in the file. */
async function fetchPieces(storage: StoragePort, pieces: Piece[], path: string, signal?: AbortSignal) {
  const file = await open(path, 'w', 0o600)
  const waiting = [...pieces]
  const work = async () => {
    for (let piece = waiting.shift(); piece; piece = waiting.shift()) {
      signal?.throwIfAborted()
      await fetchPiece(storage, piece, file, signal)
    }
  }
  try {
    const workers = await Promise.allSettled(Array.from({ length: FETCHES }, work))
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason
  } finally {
    await file.close()
  }
}

async function fetchPiece(storage: StoragePort, piece: Piece, file: FileHandle, signal?: AbortSignal) {
  if (piece.skip + piece.bytes <= SMALL_BYTES) {
    const bytes = (await storage.readAll(piece.key))?.subarray(piece.skip, piece.skip + piece.bytes)
    if (bytes?.length !== piece.bytes) throw new StorageError('fetching a source', 'a piece is missing')
    await writeFully(file, bytes, piece.at)
    return
  }
  let at = piece.at
  for await (const bytes of await streamOf(storage, piece)) {
    signal?.throwIfAborted()
    await writeFully(file, bytes as Buffer, at)
    at += (bytes as Buffer).length
  }
  if (at !== piece.at + piece.bytes) throw new StorageError('fetching a source', 'a piece broke off')
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

async function hashFile(path: string, signal?: AbortSignal): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) hash.update(piece)
  return hash.digest()
}
