import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the files of running and finished uploads are kept. */
export type Spool = {
  /** Key of an upload's file, as kept in assets.source_key; storage/sources.ts opens it. */
  keyOf(uploadId: string): string
  /**
   * Bytes that have arrived and are durable; 0 if there are none. What is stored is the truth about the prefix;
   * `known` bytes are known to be there from before.
   */
  size(uploadId: string, known?: number): Promise<number>
  /** Opens for appending behind `received` bytes. One writer at a time (see writer-locks.ts). */
  openForWriting(uploadId: string, received: number): Promise<SpoolWriter>
  remove(uploadId: string): Promise<void>
  /** Throws if nothing can be received just now. */
  check(): Promise<void>
}

export type SpoolWriter = {
  append(piece: Buffer): Promise<void>
  /** Durable when it resolves. */
  sync(): Promise<void>
  close(): Promise<void>
}

const keyOf = (uploadId: string) => `spool/${uploadId}`

/** One file each in <folder>/spool, a folder that several machines may share. */
export function createDiskSpool(folder: string): Spool {
  const spoolFolder = join(folder, 'spool')
  const pathOf = (uploadId: string) => join(spoolFolder, uploadId)
  return {
    keyOf,
    async size(uploadId) {
      const file = await open(pathOf(uploadId), constants.O_RDWR).catch(absent)
      if (!file) return 0
      try {
        // What a killed process wrote is told to the client as received, so it must outlive a power cut from here on.
        await file.datasync()
        return (await file.stat()).size
      } finally {
        await file.close()
      }
    },
    async openForWriting(uploadId, received) {
      await mkdir(spoolFolder, { recursive: true, mode: 0o700 })
      const file = await open(pathOf(uploadId), constants.O_WRONLY | constants.O_CREAT, 0o600)
      try {
        // Without this a power cut may lose the name of a file whose contents were acknowledged.
        const directory = await open(spoolFolder, constants.O_RDONLY)
        await directory.sync().finally(() => directory.close())
        return fileWriter(file, received)
      } catch (error) {
        await file.close()
        throw error
      }
    },
    remove: (uploadId) => rm(pathOf(uploadId), { force: true }),
    check: () => testWrite(spoolFolder),
  }
}

function fileWriter(file: FileHandle, received: number): SpoolWriter {
  let position = received
  return {
    async append(piece) {
      for (let done = 0; done < piece.length; ) {
        const { bytesWritten } = await file.write(piece, done, piece.length - done, position)
        done += bytesWritten
        position += bytesWritten
      }
    },
    sync: () => file.datasync(),
    close: () => file.close(),
  }
}

async function testWrite(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `check-${randomBytes(8).toString('hex')}`)
  try {
    await writeFile(path, 'can this be received?', { flush: true })
  } finally {
    await rm(path, { force: true })
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
