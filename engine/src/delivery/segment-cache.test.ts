import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSegmentCache, type HeldBytes } from '#engine/delivery/segment-cache.ts'

const bytes = (size: number) => Buffer.alloc(size, 1)
const load = (cache: ReturnType<typeof createSegmentCache>, key: string, size = 100) =>
  cache.load(key, size, async () => bytes(size))

it('gives what was loaded, until it is the least recently used', async () => {
  const cache = createSegmentCache(800)
  for (const key of 'abcdefgh') (await load(cache, key))!.release()
  cache.get('a')!.release()
  ;(await load(cache, 'i'))!.release()
  expect(cache.get('b')).toBeNull()
  expect(cache.get('a')?.bytes).toEqual(bytes(100))
  expect(cache.used()).toBe(800)
})

it('shares one load among all who ask meanwhile', async () => {
  const cache = createSegmentCache(800)
  let reads = 0
  const read = async () => {
    reads += 1
    return bytes(100)
  }
  const held = await Promise.all([1, 2, 3].map(() => cache.load('a', 100, read)))
  expect([reads, held.every((one) => one?.bytes === held[0]?.bytes), cache.used()]).toEqual([1, true, 100])
})

it('refuses to load while everything is being sent, and large objects always', async () => {
  const cache = createSegmentCache(800)
  const held = await Promise.all([...'abcdefgh'].map((key) => load(cache, key)))
  expect(await load(cache, 'i')).toBeNull()
  held[0]!.release()
  expect(await load(cache, 'i')).not.toBeNull()
  expect(await load(createSegmentCache(800), 'x', 101)).toBeNull()
})

it('drops an asset, also what is loaded or sent at that moment', async () => {
  const cache = createSegmentCache(800)
  const held = await load(cache, 'assets/a/1')
  let finish = (_: Buffer) => {}
  const slow = cache.load('assets/a/2', 100, () => new Promise((resolve) => (finish = resolve)))
  ;(await load(cache, 'assets/b/1'))!.release()
  cache.evict('assets/a/')
  finish(bytes(100))
  const second = await slow
  expect([cache.get('assets/a/1'), cache.get('assets/a/2')]).toEqual([null, null])
  expect(cache.get('assets/b/1')).not.toBeNull()
  expect(cache.used()).toBe(300)
  held!.release()
  second!.release()
  second!.release()
  expect(cache.used()).toBe(100)
})

it('passes a failed load on and counts nothing for it', async () => {
  const cache = createSegmentCache(800)
  const failing = cache.load('a', 100, async () => {
    throw new Error('disk')
  })
  await expect(failing).rejects.toThrow('disk')
  expect(await cache.load('b', 100, async () => null)).toBeNull()
  expect(cache.used()).toBe(0)
})

it('stays within its limit whatever happens', async () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 30 }),
    size: fc.integer({ min: 1, max: 150 }),
    hold: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const cache = createSegmentCache(1000)
      const held: HeldBytes[] = []
      for (const { key, size, hold } of steps) {
        const name = `${key % 3}/${key}`
        const got = cache.get(name) ?? (await load(cache, name, size))
        if (got && hold) held.push(got)
        else got?.release()
        if (key === 7) cache.evict('1/')
        if (key === 8) held.splice(0, 3).forEach((one) => void one.release())
        expect(cache.used()).toBeLessThanOrEqual(1000)
        expect(cache.used()).toBeGreaterThanOrEqual(0)
      }
      for (const one of held) one.release()
      cache.evict('')
      expect(cache.used()).toBe(0)
    }),
  )
})
