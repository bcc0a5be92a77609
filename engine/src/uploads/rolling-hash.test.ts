import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRollingHash } from './rolling-hash.ts'

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

it('sums a file however it is cut into pieces', () => {
  const file = randomBytes(500)
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500)), (cuts) => {
      const hashes = createRollingHash()
      const ends = [...cuts.toSorted((a, b) => a - b), 500]
      let start = 0
      for (const end of ends) {
        hashes.add('u', start, file.subarray(start, end))
        start = end
      }
      expect(hashes.finish('u', 500)?.toString('hex')).toBe(sum(file))
    }),
  )
})

it('does not know the sum of what it has not seen from the first byte to the last', () => {
  const hashes = createRollingHash()
  hashes.add('late', 10, randomBytes(10))
  expect(hashes.finish('late', 20)).toBeNull()
  hashes.add('gap', 0, randomBytes(10))
  hashes.add('gap', 20, randomBytes(10))
  expect(hashes.finish('gap', 30)).toBeNull()
  hashes.add('short', 0, randomBytes(10))
  expect(hashes.finish('short', 11)).toBeNull()
})

it('keeps a bounded number of sums', () => {
  const hashes = createRollingHash(2)
  for (const id of ['a', 'b', 'c']) hashes.add(id, 0, Buffer.from(id))
  expect(hashes.finish('a', 1)).toBeNull()
  expect(hashes.finish('c', 1)?.toString('hex')).toBe(sum(Buffer.from('c')))
})
