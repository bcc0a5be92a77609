import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { StoragePort } from '#engine/storage/port.ts'

/** What every storage adapter must do; each adapter's test calls this with a fresh, empty store. */
export function storageContract(name: string, open: () => Promise<StoragePort>): void {
  describe(`${name} keeps the storage contract`, () => {
    it('gives back what was put, whole and by range', async () => {
      const storage = await open()
      const bytes = randomBytes(100_000)
      await storage.put('a/b/0.m4s', bytes)
      const object = await storage.open('a/b/0.m4s')
      expect(object?.size).toBe(100_000)
      expect(await buffer(object!.stream())).toEqual(bytes)
      expect(await buffer(object!.stream({ start: 10, end: 19 }))).toEqual(bytes.subarray(10, 20))
      expect(await storage.readAll('a/b/0.m4s')).toEqual(bytes)
    })

    it('puts pieces together', async () => {
      const storage = await open()
      const pieces = Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index},`))
      await storage.put('a/pieces', pieces)
      expect(await storage.readAll('a/pieces')).toEqual(Buffer.concat(pieces))
    })

    it('takes a file over', async () => {
      const storage = await open()
      const folder = await mkdtemp(path.join(os.tmpdir(), 'storage-'))
      const file = path.join(folder, 'made.bin')
      await writeFile(file, 'made elsewhere')
      await storage.put('a/made.bin', { path: file })
      expect(String(await storage.readAll('a/made.bin'))).toBe('made elsewhere')
      await expect(stat(file)).rejects.toThrow('ENOENT')
      await rm(folder, { recursive: true })
    })

    it('keeps what is put in a batch, settled together', async () => {
      const storage = await open()
      const batch = storage.batch()
      const bodies = Array.from({ length: 40 }, (_, index) => randomBytes(index * 100))
      await Promise.all(bodies.map((body, index) => batch.put(`a/b${index % 2}/${index}.m4s`, [body])))
      await batch.settle()
      for (const [index, body] of bodies.entries())
        expect(await storage.readAll(`a/b${index % 2}/${index}.m4s`)).toEqual(body)
      await batch.put('a/b0/0.m4s', Buffer.from('again'))
      await batch.settle()
      expect(String(await storage.readAll('a/b0/0.m4s'))).toBe('again')
      await expect(batch.put('../x', Buffer.from('x'))).rejects.toThrow('unsafe')
    })

    it('replaces an object whole', async () => {
      const storage = await open()
      await storage.put('a/x', Buffer.from('longer than the next one'))
      await storage.put('a/x', Buffer.from('short'))
      expect(String(await storage.readAll('a/x'))).toBe('short')
    })

    it('answers null for what is not there', async () => {
      const storage = await open()
      await storage.put('a/x', Buffer.from('x'))
      expect(await storage.open('a/none')).toBeNull()
      expect(await storage.readAll('a/none')).toBeNull()
      expect(await storage.open('a')).toBeNull()
      expect(await storage.readAll('a/x/below')).toBeNull()
    })

    it('deletes a prefix and nothing beside it', async () => {
      const storage = await open()
      for (const key of ['v/ab/1', 'v/ab/deep/er/2', 'v/abc/3']) await storage.put(key, Buffer.from(key))
      await storage.deletePrefix('v/ab/')
      expect(await storage.list('')).toEqual(['v/abc/3'])
      await storage.deletePrefix('v/ab/')
      await expect(storage.deletePrefix('v/ab')).rejects.toThrow('slash')
    })

    it('deletes one object and nothing beside it', async () => {
      const storage = await open()
      for (const key of ['v/1', 'v/10', 'v/1.x/2']) await storage.put(key, Buffer.from(key))
      await storage.delete('v/1')
      await storage.delete('v/1')
      expect(await storage.list('')).toEqual(['v/1.x/2', 'v/10'])
    })

    it('lists keys by prefix, sorted', async () => {
      const storage = await open()
      for (const key of ['v/2', 'v/1', 'w/3']) await storage.put(key, Buffer.from(key))
      expect(await storage.list('v/')).toEqual(['v/1', 'v/2'])
      expect(await storage.list('none/')).toEqual([])
    })

    it('walks over keys with their sizes, from a key on', async () => {
      const storage = await open()
      for (const key of ['v/1', 'v/2', 'v/3', 'w/4']) await storage.put(key, Buffer.from(key.repeat(3)))
      const found = []
      for await (const { key, bytes, at } of storage.walk('v/', 'v/1')) found.push({ key, bytes, at })
      expect(found.map(({ key, bytes }) => [key, bytes])).toEqual([
        ['v/2', 9],
        ['v/3', 9],
      ])
      expect(Math.abs(Date.now() - found[0]!.at.getTime())).toBeLessThan(60_000)
    })

    it('says that it can be used', async () => {
      const storage = await open()
      await storage.check()
      expect(await storage.list('')).toEqual([])
    })

    it('refuses keys that mean something else elsewhere', async () => {
      const storage = await open()
      const keys = [
        '',
        '/a',
        'a//b',
        'a/',
        '../a',
        'a/../../b',
        './a',
        '.a',
        'a\\b',
        'a\0b',
        'a b',
        'ä',
        `${'x'.repeat(513)}`,
      ]
      for (const key of keys) {
        await expect(storage.put(key, Buffer.from('x')), JSON.stringify(key)).rejects.toThrow('unsafe')
        await expect(storage.open(key), JSON.stringify(key)).rejects.toThrow('unsafe')
      }
      await expect(storage.deletePrefix('../')).rejects.toThrow('unsafe')
      await expect(storage.deletePrefix('/')).rejects.toThrow('unsafe')
      await expect(storage.list('../')).rejects.toThrow('unsafe')
    })

    it('survives puts and deletions side by side', async () => {
      const storage = await open()
      const rounds = Array.from({ length: 40 }, async (_, i) => {
        await storage.put(`v/one/${i}`, Buffer.from('x'))
        if (i % 5 === 0) await storage.deletePrefix(`v/two${i}/`)
        await storage.put(`v/two${i}/x`, Buffer.from('x'))
        await storage.deletePrefix(`v/two${i}/`)
      })
      await Promise.all(rounds)
      expect(await storage.list('v/')).toHaveLength(40)
    })
  })
}
