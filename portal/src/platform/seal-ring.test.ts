import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { headOf, seal, unseal } from './crypto.ts'
import { createSealRing, MOST_STALE_MS, type SealKey, sealKeyId } from './seal-ring.ts'

function keyOf(unnamed = false): SealKey {
  const key = randomBytes(32)
  return { id: sealKeyId(key), key, since: '2026-11-21T10:00:00.000Z', unnamed }
}

describe('[OPS-07] keys that seal', () => {
  it('seal by the newest, whose name the box bears, and open what any of them sealed', () => {
    const [first, second] = [keyOf(true), keyOf()]
    const unnamed = seal(first.key, 'from before keys had names', 'here')
    const named = seal(createSealRing([first]), 'by the first', 'here')
    const ring = createSealRing([second, first])
    const box = seal(ring, 'by the second', 'here')
    expect(box.subarray(0, 6)).toEqual(headOf(second.id))
    expect(unseal(ring, box, 'here').toString()).toBe('by the second')
    expect(unseal(ring, named, 'here').toString()).toBe('by the first')
    expect(unseal(ring, unnamed, 'here').toString()).toBe('from before keys had names')
    expect(() => unseal(ring, box, 'there')).toThrow()
  })

  it('that are gone open nothing', () => {
    const [first, second] = [keyOf(true), keyOf()]
    const ring = createSealRing([second])
    expect(() => unseal(ring, seal(first.key, 'old', 'here'), 'here')).toThrow('is not in the secrets file')
    expect(() => unseal(ring, seal(createSealRing([first]), 'old', 'here'), 'here')).toThrow(first.id)
  })

  it('are read again for a name that is not known, and before sealing after a while without a look', () => {
    const [first, second] = [keyOf(true), keyOf()]
    let [stored, now] = [[first], 0]
    const ring = createSealRing(
      [first],
      () => stored,
      () => now,
    )
    stored = [second, first]
    expect(ring.current().id).toBe(first.id)
    const theirs = seal(createSealRing(stored), 'by another process', 'here')
    expect(unseal(ring, theirs, 'here').toString()).toBe('by another process')
    expect(ring.current().id).toBe(second.id)

    const third = keyOf()
    stored = [third, second, first]
    now += MOST_STALE_MS
    expect(ring.current().id).toBe(second.id)
    now += 1
    expect(ring.current().id).toBe(third.id)
  })

  it('serve another purpose by keys derived from them', () => {
    const ring = createSealRing([keyOf()])
    const box = seal(ring.derived('archive'), 'a segment', 'here')
    expect(unseal(ring.derived('archive'), box, 'here').toString()).toBe('a segment')
    expect(() => unseal(ring, box, 'here')).toThrow()
  })
})
