import { EMPTY_ROOT, floorLog2, hashNode, isCount } from './merkle.ts'

export type InclusionClaim = { index: number; size: number; leafHash: Buffer; proof: Buffer[]; root: Buffer }

/** RFC 9162 2.1.3.2: whether the proof leads from the leaf to the root. Never throws. */
export function verifyInclusion({ index, size, leafHash, proof, root }: InclusionClaim): boolean {
  if (!(isCount(index) && isCount(size) && index < size && leafHash.length === 32)) return false
  let position = index
  let last = size - 1
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      hash = hashNode(sibling, hash)
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = hashNode(hash, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && hash.equals(root)
}

export type ConsistencyClaim = { size1: number; size2: number; root1: Buffer; root2: Buffer; proof: Buffer[] }

/**
 * RFC 9162 2.1.4.2: whether the first tree is a prefix of the second. Never throws.
 * An empty first tree proves nothing and is refused, unless both are empty and have the empty root.
 */
export function verifyConsistency({ size1, size2, root1, root2, proof }: ConsistencyClaim): boolean {
  if (!(isCount(size1) && isCount(size2) && size1 <= size2)) return false
  if (size1 === size2)
    return proof.length === 0 && root1.equals(root2) && (size1 > 0 || root1.equals(EMPTY_ROOT))
  if (size1 === 0) return false
  const isPowerOfTwo = 2 ** floorLog2(size1) === size1
  const [seed, ...rest] = isPowerOfTwo ? [root1, ...proof] : proof
  if (!seed) return false
  let position = size1 - 1
  let last = size2 - 1
  while (position % 2 === 1) {
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  let first = seed
  let second = seed
  for (const sibling of rest) {
    if (last === 0) return false
    if (position % 2 === 1 || position === last) {
      first = hashNode(sibling, first)
      second = hashNode(sibling, second)
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = Math.floor(last / 2)
      }
    } else {
      second = hashNode(second, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && first.equals(root1) && second.equals(root2)
}
