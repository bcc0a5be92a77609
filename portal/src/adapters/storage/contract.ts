import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { StoragePort } from './port.ts'

/** What every storage adapter must do; each adapter's test calls this with a fresh, empty store. */
export function storageContract(name: string, fresh: () => Promise<StoragePort>): void {
  const withFile = async (contents: string | Buffer, use: (path: string) => Promise<void>) => {
    const folder = await mkdtemp('/tmp/mm-storage-')
    await writeFile(join(folder, 'made.mp4'), contents)
    await use(join(folder, 'made.mp4'))
    await rm(folder, { recursive: true })
  }
  const read = async (storage: StoragePort, key: string) => {
    const file = await storage.open(key)
    return file && (await buffer(await file.stream()))
  }

  describe(`${name} keeps the storage contract`, () => {
    it('gives back what was put, with its size, and leaves the caller its file', async () => {
      const storage = await fresh()
      const bytes = Buffer.alloc(300_000, 'abc')
      await withFile(bytes, async (path) => {
        await storage.putFile('downloads/one.mp4', path)
        expect((await stat(path)).size).toBe(300_000)
      })
      expect((await storage.open('downloads/one.mp4'))?.bytes).toBe(300_000)
      expect(await read(storage, 'downloads/one.mp4')).toEqual(bytes)
    })

    it('replaces a file, and forgets one that is deleted', async () => {
      const storage = await fresh()
      for (const text of ['a longer first one', 'short'])
        await withFile(text, (path) => storage.putFile('downloads/x', path))
      expect(String(await read(storage, 'downloads/x'))).toBe('short')
      await storage.delete('downloads/x')
      await storage.delete('downloads/x')
      expect(await storage.open('downloads/x')).toBeNull()
    })

    it('lists by prefix, sorted', async () => {
      const storage = await fresh()
      expect(await storage.list('downloads/')).toEqual([])
      for (const key of ['downloads/b', 'downloads/a', 'other/c'])
        await withFile(key, (path) => storage.putFile(key, path))
      expect(await storage.list('downloads/')).toEqual(['downloads/a', 'downloads/b'])
    })

    it('refuses keys that mean something else elsewhere', async () => {
      const storage = await fresh()
      for (const key of ['', '/a', '../a', 'a/../b', '.a', 'a//b', 'a b', 'a/'])
        await expect((async () => storage.open(key))(), key).rejects.toThrow('unsafe')
    })
  })
}
