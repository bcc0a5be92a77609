import { readFile } from 'node:fs/promises'
import { writePrivateFile } from '#portal/platform/private-file.ts'

/** The newest checkpoint that this machine has seen, kept outside the database: a rolled-back database contradicts it. */
export type Anchor = { read(): Promise<string | null>; write(note: string): Promise<void> }

/** An anchor in a file; written whole or not at all. */
export function fileAnchor(file: string): Anchor {
  return {
    async read() {
      return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
    },
    write: (note) => writePrivateFile(file, note),
  }
}
