import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOfVector as bytes, merkleVectors as vectors } from '../../../../tests/support/merkle-vectors.ts'
import {
  consistencyPath,
  EMPTY_ROOT,
  hashLeaf,
  hashNode,
  inclusionPath,
  type NodeSource,
  proofOf,
  rootAt,
  subtreesOf,
} from './merkle.ts'
import { verifyConsistency, verifyInclusion } from './merkle-proof.ts'

describe('vectors of transparency-dev/merkle', () => {
  test('[ALV-02] 98 inclusion proofs are judged as they should be', () => {
    const all = vectors('inclusion')
    expect(all).toHaveLength(98)
    for (const v of all) {
      const claim = { index: v.leafIdx, size: v.treeSize, leafHash: bytes(v.leafHash), root: bytes(v.root) }
      expect(verifyInclusion({ ...claim, proof: (v.proof ?? []).map(bytes) }), v.desc).toBe(!v.wantErr)
    }
  })

  test('[ALV-02] 98 consistency proofs are judged as they should be', () => {
    const all = vectors('consistency')
    expect(all).toHaveLength(98)
    for (const v of all) {
      const claim = { size1: v.size1, size2: v.size2, root1: bytes(v.root1), root2: bytes(v.root2) }
      expect(verifyConsistency({ ...claim, proof: (v.proof ?? []).map(bytes) }), v.desc).toBe(!v.wantErr)
    }
  })
})

/** RFC 9162 2.1.1, word for word. */
function naiveRoot(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return hashNode(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, i) => hashLeaf(`entry ${i}`))
const sourceOf =
  (leaves: Buffer[]): NodeSource =>
  ({ height, index }) =>
    naiveRoot(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height))

const sizeAndIndex = fc
  .integer({ min: 1, max: 700 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }))

describe('against a naive tree', () => {
  test('[ALV-02] [ASVS-11.4.3] the root of every size equals the definition', () => {
    const leaves = leavesOf(300)
    for (let size = 0; size <= 300; size++) {
      expect(rootAt(size, sourceOf(leaves)).equals(naiveRoot(leaves.slice(0, size)))).toBe(true)
    }
  })

  test('[ALV-02] each inclusion proof verifies, and no other leaf, index, size or root does', () => {
    fc.assert(
      fc.property(sizeAndIndex, fc.integer({ min: 0, max: 255 }), ({ size, index }, bit) => {
        const leaves = leavesOf(size)
        const proof = proofOf(inclusionPath(index, size), sourceOf(leaves))
        const claim = { index, size, leafHash: leaves[index]!, proof, root: naiveRoot(leaves) }
        expect(verifyInclusion(claim)).toBe(true)
        expect(verifyInclusion({ ...claim, leafHash: flip(claim.leafHash, bit) })).toBe(false)
        expect(verifyInclusion({ ...claim, root: flip(claim.root, bit) })).toBe(false)
        expect(verifyInclusion({ ...claim, index: size + index })).toBe(false)
        expect(verifyInclusion({ ...claim, proof: [...proof, claim.root] })).toBe(false)
        if (size > 1) {
          expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(false)
          expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false)
          expect(
            verifyInclusion({ ...claim, proof: proof.map((hash, i) => (i === 0 ? flip(hash, bit) : hash)) }),
          ).toBe(false)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('[ALV-02] each consistency proof verifies, and none holds for another root', () => {
    fc.assert(
      fc.property(sizeAndIndex, fc.integer({ min: 0, max: 255 }), ({ size, index }, bit) => {
        const leaves = leavesOf(size)
        const size1 = index + 1
        const proof = proofOf(consistencyPath(size1, size), sourceOf(leaves))
        const claim = {
          size1,
          size2: size,
          root1: naiveRoot(leaves.slice(0, size1)),
          root2: naiveRoot(leaves),
          proof,
        }
        expect(verifyConsistency(claim)).toBe(true)
        expect(verifyConsistency({ ...claim, root1: flip(claim.root1, bit) })).toBe(false)
        expect(verifyConsistency({ ...claim, root2: flip(claim.root2, bit) })).toBe(false)
        expect(verifyConsistency({ ...claim, proof: [...proof, claim.root2] })).toBe(false)
        if (proof.length > 0) expect(verifyConsistency({ ...claim, proof: proof.slice(1) })).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  test('[ASVS-1.4.2] sizes beyond 32 bits keep their arithmetic exact', () => {
    const size = 2 ** 50 - 1
    const covered = subtreesOf({ start: 0, end: size }).reduce((sum, { height }) => sum + 2 ** height, 0)
    expect(covered).toBe(size)
    for (const index of [0, 2 ** 32, 2 ** 49 - 1, 2 ** 49, size - 1]) {
      const node: NodeSource = ({ height, index: at }) => hashLeaf(`${height}/${at}`)
      const root = foldUp(index, size, node)
      expect(
        verifyInclusion({
          index,
          size,
          leafHash: node({ height: 0, index }),
          proof: proofOf(inclusionPath(index, size), node),
          root,
        }),
      ).toBe(true)
    }
  })

  test('a leaf outside the tree has no path', () => {
    expect(() => inclusionPath(3, 3)).toThrow(RangeError)
    expect(() => inclusionPath(-1, 3)).toThrow(RangeError)
    expect(() => consistencyPath(0, 3)).toThrow(RangeError)
    expect(() => consistencyPath(4, 3)).toThrow(RangeError)
  })
})

/** The root that a path implies, walking down as RFC 9162 2.1.3.1 recurses. */
function foldUp(index: number, size: number, node: NodeSource): Buffer {
  const walk = (start: number, end: number): Buffer => {
    if (end - start === 1) return node({ height: 0, index: start })
    let k = 1
    while (k * 2 < end - start) k *= 2
    const middle = start + k
    const side = (from: number, to: number) => proofOf([{ start: from, end: to }], node)[0]!
    return index < middle
      ? hashNode(walk(start, middle), side(middle, end))
      : hashNode(side(start, middle), walk(middle, end))
  }
  return walk(0, size)
}

function flip(hash: Buffer, bit: number): Buffer {
  const copy = Buffer.from(hash)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
