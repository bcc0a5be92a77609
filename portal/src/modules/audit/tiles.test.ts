import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consistencyPath, hashLeaf, inclusionPath, proofOf, rootAt } from './merkle.ts'
import { verifyConsistency, verifyInclusion } from './merkle-proof.ts'
import { encodeBundle, formatTilePath, parseTilePath } from './tile-path.ts'
import { appendLeaves, levelLength, nodesFromTiles, rightEdge, tileKey, tilesFor } from './tiles.ts'

const leaf = (i: number) => hashLeaf(`entry ${i}`)

/** Grows a tree through batches, as the sequencer does. */
function grow(batches: number[]): { tiles: Map<string, Buffer>; size: number } {
  const tiles = new Map<string, Buffer>()
  let size = 0
  for (const batch of batches) {
    const hashes = Array.from({ length: batch }, (_, i) => leaf(size + i))
    for (const { id, bytes } of appendLeaves(tiles, size, hashes)) tiles.set(tileKey(id), bytes)
    size += batch
  }
  return { tiles, size }
}

describe('tiles', () => {
  test('[ALV-02] a tree of 70,000 leaves has the tiles that the specification names', () => {
    const { tiles } = grow([70_000])
    const widths = (level: number) =>
      [...tiles].filter(([key]) => key.startsWith(`${level}/`)).map(([, bytes]) => bytes.length / 32)
    expect(widths(0).filter((w) => w === 256)).toHaveLength(273)
    expect(widths(0).filter((w) => w !== 256)).toEqual([112])
    expect(widths(1)).toEqual([256, 17])
    expect(widths(2)).toEqual([1])
    expect(tiles.size).toBe(277)
  })

  test('[ALV-02] tiles do not depend on how leaves came in batches, and prove what they hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.nat(),
        (batches, a, b) => {
          const { tiles, size } = grow(batches)
          expect(tiles).toEqual(grow([size]).tiles)
          const node = nodesFromTiles(tiles)
          const root = rootAt(size, node)
          const index = a % size
          const path = inclusionPath(index, size)
          const needed = new Map(tilesFor(path).map((id) => [tileKey(id), tiles.get(tileKey(id))!]))
          expect(
            verifyInclusion({
              index,
              size,
              leafHash: leaf(index),
              proof: proofOf(path, nodesFromTiles(needed)),
              root,
            }),
          ).toBe(true)
          const size1 = (b % size) + 1
          const proof = proofOf(consistencyPath(size1, size), node)
          expect(
            verifyConsistency({ size1, size2: size, root1: rootAt(size1, node), root2: root, proof }),
          ).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('the right edge names one tile a level', () => {
    expect(rightEdge(0)).toEqual([{ level: 0, n: 0 }])
    expect(rightEdge(255)).toEqual([{ level: 0, n: 0 }])
    expect(rightEdge(256)).toEqual([
      { level: 0, n: 1 },
      { level: 1, n: 0 },
    ])
    expect(rightEdge(70_000)).toEqual([
      { level: 0, n: 273 },
      { level: 1, n: 1 },
      { level: 2, n: 0 },
    ])
    expect(levelLength(1, 70_000)).toBe(273)
  })

  test('a missing tile or hash is an error, never a wrong root', () => {
    const { tiles } = grow([300])
    tiles.set('0/1', tiles.get('0/1')!.subarray(0, 32))
    expect(() => rootAt(300, nodesFromTiles(tiles))).toThrow(RangeError)
    expect(() => appendLeaves(tiles, 300, [leaf(300)])).toThrow(RangeError)
  })
})

describe('tile paths', () => {
  test('are written as the specification writes them', () => {
    expect(formatTilePath({ level: 0, n: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
    expect(formatTilePath({ level: 'entries', n: 0, width: 12 })).toBe('tile/entries/000.p/12')
    expect(formatTilePath({ level: 2, n: 1000, width: 1 })).toBe('tile/2/x001/000.p/1')
  })

  test('every tile reads back from its path', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }))
    fc.assert(
      fc.property(level, fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, n, width) => {
        expect(parseTilePath(formatTilePath({ level, n, width }))).toEqual({ level, n, width })
      }),
    )
  })

  test.each([
    'tile/0/0',
    'tile/00/000',
    'tile/64/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001/x002',
    'tile/-1/000',
    'tile/0/../000',
    'tile/0/000.p/',
    'tile/entries/000/',
    '/tile/0/000',
  ])('%s is nobody', (path) => {
    expect(parseTilePath(path)).toBeNull()
  })

  test('a bundle is length-prefixed entries', () => {
    expect(encodeBundle([Buffer.from('a'), Buffer.alloc(300, 'b')]).subarray(0, 5)).toEqual(
      Buffer.from([0, 1, 97, 1, 44]),
    )
  })
})
