import fc from 'fast-check'
import { expect, it } from 'vitest'
import { coverOf, pieceKey } from '#engine/storage/pieces.ts'
import type { ListedObject, StoragePort } from '#engine/storage/port.ts'

/** A listing, as every store gives it: sorted by key. */
function listing(objects: { key: string; bytes: number }[]): StoragePort {
  const sorted = [...objects].sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    async *walk(prefix: string, after = ''): AsyncIterable<ListedObject> {
      for (const { key, bytes } of sorted)
        if (key.startsWith(prefix) && key > after) yield { key, bytes, at: new Date() }
    },
  } as StoragePort
}

const objectsOf = (pieces: { start: number; length: number }[]) =>
  pieces.map(({ start, length }) => ({ key: pieceKey('spool/u/', start, length), bytes: length }))

it('covers exactly what the pieces reach without a gap, each byte once', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ start: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) }), { maxLength: 25 }),
      fc.nat(40),
      async (pieces, known) => {
        const held = new Set<number>()
        for (const { start, length } of pieces) for (let n = 0; n < length; n += 1) held.add(start + n)
        let reach = 0
        while (held.has(reach)) reach += 1
        const storage = listing(objectsOf(pieces))
        const cover = await coverOf(storage, 'spool/u/')
        expect(cover.length).toBe(reach)
        let at = 0
        for (const piece of cover.pieces) {
          expect(piece.at).toBe(at)
          at += piece.bytes
        }
        expect(at).toBe(reach)
        if (known <= reach) expect((await coverOf(storage, 'spool/u/', known)).length).toBe(reach)
      },
    ),
  ))

it('leaves out what broke off, and names that are none of its own', async () => {
  const [first, second] = objectsOf([
    { start: 0, length: 10 },
    { start: 10, length: 10 },
  ])
  const broken = { key: second!.key, bytes: 4 }
  expect((await coverOf(listing([first!, broken]), 'spool/u/')).length).toBe(10)
  expect((await coverOf(listing([first!, { key: 'spool/u/other', bytes: 3 }]), 'spool/u/')).length).toBe(10)
})
