import {
  foldPerfect,
  HASH_BYTES,
  type LeafRange,
  type NodeSource,
  type Subtree,
  subtreesOf,
} from './merkle.ts'

/** C2SP tlog-tiles: hashes in a full tile, and the tree height that a tile spans. */
export const TILE_WIDTH = 256
export const TILE_HEIGHT = 8

/** A tile's place: `level` counts tile heights, `n` tiles within the level. */
export type TileId = { level: number; n: number }

/** Hashes that a tree of `size` leaves has at one tile level. */
export function levelLength(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The last, still growing tile of each level, or the place where it will begin; from level 0 up to the root's. */
export function rightEdge(size: number): TileId[] {
  const edge: TileId[] = []
  for (let level = 0; level === 0 || levelLength(level, size) > 0; level++) {
    edge.push({ level, n: Math.floor(levelLength(level, size) / TILE_WIDTH) })
  }
  return edge
}

/** The tile that holds, or whose hashes make up, a perfect subtree. */
export function tileOf({ height, index }: Subtree): TileId {
  const level = Math.floor(height / TILE_HEIGHT)
  const width = 2 ** (height % TILE_HEIGHT)
  return { level, n: Math.floor((index * width) / TILE_WIDTH) }
}

export const tileKey = ({ level, n }: TileId): string => `${level}/${n}`

/** All tiles needed to hash these ranges, each once. */
export function tilesFor(ranges: LeafRange[]): TileId[] {
  const tiles = new Map(
    ranges.flatMap(subtreesOf).map((subtree) => [tileKey(tileOf(subtree)), tileOf(subtree)]),
  )
  return [...tiles.values()]
}

/**
 * Subtree hashes from tile bytes held in memory.
 * @throws RangeError where a tile or a hash in it is missing
 */
export function nodesFromTiles(tiles: ReadonlyMap<string, Buffer>): NodeSource {
  return (subtree) => {
    const tile = tileOf(subtree)
    const bytes = tiles.get(tileKey(tile))
    const width = 2 ** (subtree.height % TILE_HEIGHT)
    const start = subtree.index * width - tile.n * TILE_WIDTH
    if (!bytes || bytes.length < (start + width) * HASH_BYTES) {
      throw new RangeError(`tile ${tileKey(tile)} lacks hash ${start + width - 1}`)
    }
    return foldPerfect(bytes, start, width)
  }
}

/** Hash over a full tile: what stands for it in the level above. */
export function tileRoot(bytes: Buffer): Buffer {
  if (bytes.length !== TILE_WIDTH * HASH_BYTES) throw new RangeError('only a full tile has a root')
  return foldPerfect(bytes, 0, TILE_WIDTH)
}

/** Appends leaf hashes to the tiles of the right edge; answers each tile that changed, whole. */
export function appendLeaves(
  edge: ReadonlyMap<string, Buffer>,
  size: number,
  leafHashes: Buffer[],
): { id: TileId; bytes: Buffer }[] {
  const changed: { id: TileId; bytes: Buffer }[] = []
  let level = 0
  let incoming = leafHashes
  let length = size
  while (incoming.length > 0) {
    const filled = fillLevel(edge, level, length, incoming)
    changed.push(...filled.tiles)
    incoming = filled.roots
    length = Math.floor(length / TILE_WIDTH)
    level++
  }
  return changed
}

/** Extends one level; `roots` are the hashes of the tiles that became full, for the level above. */
function fillLevel(edge: ReadonlyMap<string, Buffer>, level: number, length: number, hashes: Buffer[]) {
  const tiles: { id: TileId; bytes: Buffer }[] = []
  const roots: Buffer[] = []
  let n = Math.floor(length / TILE_WIDTH)
  let held = length % TILE_WIDTH
  for (let taken = 0; taken < hashes.length; n++) {
    const before = held > 0 ? edge.get(tileKey({ level, n })) : Buffer.alloc(0)
    if (before?.length !== held * HASH_BYTES)
      throw new RangeError(`tile ${level}/${n} does not hold ${held} hashes`)
    const batch = hashes.slice(taken, taken + TILE_WIDTH - held)
    const bytes = Buffer.concat([before, ...batch])
    tiles.push({ id: { level, n }, bytes })
    if (bytes.length === TILE_WIDTH * HASH_BYTES) roots.push(tileRoot(bytes))
    taken += batch.length
    held = 0
  }
  return { tiles, roots }
}
