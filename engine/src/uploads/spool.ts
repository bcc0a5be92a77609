import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The files of running and finished uploads, one each, on local disk: <folder>/spool/<upload id>. */
export type Spool = {
  /** Storage key of an upload's file, as kept in assets.source_key. */
  keyOf(uploadId: string): string
  pathOf(uploadId: string): string
  /** Bytes that have arrived; 0 if there is no file. The file's size is the truth about the prefix. */
  size(uploadId: string): Promise<number>
  /** Opens for writing at any position, creating the file durably. */
  openForWriting(uploadId: string): Promise<FileHandle>
  remove(uploadId: string): Promise<void>
}

export function createSpool(folder: string): Spool {
  const spoolFolder = join(folder, 'spool')
  const pathOf = (uploadId: string) => join(spoolFolder, uploadId)
  return {
    keyOf: (uploadId) => `spool/${uploadId}`,
    pathOf,
    async size(uploadId) {
      try {
        return (await stat(pathOf(uploadId))).size
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
    },
    async openForWriting(uploadId) {
      await mkdir(spoolFolder, { recursive: true, mode: 0o700 })
      const file = await open(pathOf(uploadId), constants.O_WRONLY | constants.O_CREAT, 0o600)
      // Without this a power cut may lose the name of a file whose contents were acknowledged.
      const directory = await open(spoolFolder, constants.O_RDONLY)
      await directory.sync().finally(() => directory.close())
      return file
    },
    remove: (uploadId) => rm(pathOf(uploadId), { force: true }),
  }
}
