import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { Zip, ZipDeflate } from 'fflate'

/** One file of a snapshot, as its manifest names it. */
export type ListedFile = { name: string; bytes: number; sha256: string }

/** Writes a zip file one member after the other, and lists each with its SHA-256 (hex). */
export function createZipFile(path: string) {
  const out = createWriteStream(path, { mode: 0o600 })
  const files: ListedFile[] = []
  let failed: Error | null = null
  out.on('error', (error) => {
    failed = error
  })
  const zip = new Zip((error, chunk) => {
    if (error) failed = error
    else out.write(chunk)
  })

  return {
    files,

    async add(name: string, contents: string | Buffer): Promise<void> {
      if (failed) throw failed
      const bytes = Buffer.from(contents as string)
      // Deflate runs at once; what it made is written before the next one comes.
      const member = new ZipDeflate(name, { level: 6 })
      zip.add(member)
      member.push(bytes, true)
      files.push({ name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      if (out.writableNeedDrain) await once(out, 'drain')
    },

    /** Resolves once every byte is with the operating system. */
    async end(): Promise<void> {
      zip.end()
      out.end()
      await once(out, 'close')
      if (failed) throw failed
    },
  }
}
