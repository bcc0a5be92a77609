import { hash } from 'node:crypto'

/** Of SHA-256. */
export const HASH_BYTES = 32

/** A perfect subtree: the 2^height leaves that begin at index * 2^height. */
export type Subtree = { height: number; index: number }

/** Half-open range of leaf indexes. */
export type LeafRange = { start: number; end: number }

/** Answers the hash of any perfect subtree that lies wholly inside the tree. */
export type NodeSource = (subtree: Subtree) => Buffer

/** RFC 9162 2.1.1: hash of an entry, domain-separated by 0x00. */
export function hashLeaf(entry: Uint8Array | string): Buffer {
  const bytes = typeof entry === 'string' ? `\0${entry}` : Buffer.concat([LEAF_PREFIX, entry])
  return hash('sha256', bytes, 'buffer')
}

/** RFC 9162 2.1.1: hash of two children, domain-separated by 0x01. */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    return hash('sha256', Buffer.concat([NODE_PREFIX, left, right]), 'buffer')
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return Buffer.from(hash('sha256', pair, 'binary'), 'latin1')
}

/**
 * Hash over `width` (a power of two) neighbouring hashes that lie in `bytes` from `start` on, counted in hashes. A proof
 * at a million entries takes several hundred: each digest goes as text into one buffer, since a buffer of its own would
 * keep the garbage collector busier than the hashing.
 */
export function foldPerfect(bytes: Buffer, start: number, width: number): Buffer {
  if (width === 1) return bytes.subarray(start * HASH_BYTES, (start + 1) * HASH_BYTES)
  const work = Buffer.allocUnsafe((width / 2) * HASH_BYTES)
  let from = bytes
  let at = start * HASH_BYTES
  for (let parents = width / 2; parents >= 1; parents /= 2) {
    for (let n = 0; n < parents; n += 1) {
      from.copy(pair, 1, at + 2 * n * HASH_BYTES, at + 2 * (n + 1) * HASH_BYTES)
      work.write(hash('sha256', pair, 'binary'), n * HASH_BYTES, 'latin1')
    }
    from = work
    at = 0
  }
  return work.subarray(0, HASH_BYTES)
}

/** RFC 9162 2.1.1: the hash of an empty tree is the hash of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer')

/** The perfect subtrees that make up a range, left to right; the range is a tree of its own (RFC 9162's D[start:end]). */
export function subtreesOf({ start, end }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = []
  let at = start
  while (at < end) {
    const height = floorLog2(end - at)
    const width = 2 ** height
    subtrees.push({ height, index: at / width })
    at += width
  }
  return subtrees
}

/** RFC 9162 2.1.1, MTH(D[start:end]), from the hashes of perfect subtrees. */
export function hashRange(range: LeafRange, node: NodeSource): Buffer {
  return subtreesOf(range)
    .map(node)
    .reduceRight((right, left) => hashNode(left, right))
}

/** Root of the first `size` leaves. */
export function rootAt(size: number, node: NodeSource): Buffer {
  return size === 0 ? EMPTY_ROOT : hashRange({ start: 0, end: size }, node)
}

/**
 * RFC 9162 2.1.3.1: the ranges whose hashes prove that leaf `index` stands in the tree of `size` leaves,
 * from the leaf's sibling up.
 * @throws RangeError where the leaf is not in that tree
 */
export function inclusionPath(index: number, size: number): LeafRange[] {
  if (!(isCount(index) && isCount(size) && index < size))
    throw new RangeError(`no leaf ${index} in ${size} leaves`)
  const path: LeafRange[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      path.push({ start: middle, end })
      end = middle
    } else {
      path.push({ start, end: middle })
      start = middle
    }
  }
  return path.reverse()
}

/**
 * RFC 9162 2.1.4.1: the ranges whose hashes prove that the tree of `size1` leaves is a prefix of that of `size2`.
 * @throws RangeError unless 0 < size1 <= size2
 */
export function consistencyPath(size1: number, size2: number): LeafRange[] {
  if (!(isCount(size1) && isCount(size2) && size1 > 0 && size1 <= size2)) {
    throw new RangeError(`no consistency proof from ${size1} to ${size2} leaves`)
  }
  const path: LeafRange[] = []
  let start = 0
  let end = size2
  let onLeftEdge = true
  while (size1 < end) {
    const middle = start + splitOf(end - start)
    if (size1 <= middle) {
      path.push({ start: middle, end })
      end = middle
    } else {
      path.push({ start, end: middle })
      start = middle
      onLeftEdge = false
    }
  }
  if (!onLeftEdge) path.push({ start, end })
  return path.reverse()
}

/** Hashes of a path, in its order: the proof itself. */
export function proofOf(path: LeafRange[], node: NodeSource): Buffer[] {
  return path.map((range) => hashRange(range, node))
}

/** RFC 9162 2.1.1: the largest power of two smaller than `width`. */
function splitOf(width: number): number {
  return 2 ** floorLog2(width - 1)
}

/** Exact for every safe integer >= 1, where Math.log2 alone rounds up from about 2^48. */
export function floorLog2(value: number): number {
  const guess = Math.floor(Math.log2(value))
  return 2 ** guess > value ? guess - 1 : guess
}

/** A leaf count or index that arithmetic on doubles keeps exact. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

const LEAF_PREFIX = Buffer.of(0)
const NODE_PREFIX = Buffer.of(1)
/** 0x01 and two children, for the next hash: nothing waits between its writing and its reading. */
const pair = Buffer.concat([NODE_PREFIX, Buffer.alloc(2 * HASH_BYTES)])
