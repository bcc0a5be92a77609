import { hash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { StoragePort } from '../../portal/src/adapters/storage/port.ts'
import type { RangeEntries } from '../../portal/src/modules/audit/archive/segment-bytes.ts'
import {
  createSegmentStore,
  type SegmentObject,
  type SegmentStore,
} from '../../portal/src/modules/audit/archive/segment-store.ts'
import { hashLeaf } from '../../portal/src/modules/audit/merkle.ts'
import { TILE_WIDTH, tileRoot } from '../../portal/src/modules/audit/tiles.ts'
import { oneKey } from '../support/one-key.ts'
import type { Random } from '../support/random.ts'
import type { Target } from './target.ts'

type Stored = { place: { n: number; root: Buffer }; object: SegmentObject; entries: RangeEntries }
type Copy = { bytes: Buffer; sha256: Buffer }

/** What somebody with the bucket may do, and, where the checksum is made anew, with the database too. */
const TAMPERINGS: Record<string, (copy: Copy, random: Random, other: Buffer) => Copy> = {
  'a byte': (copy, random) => ({ ...copy, bytes: flip(copy.bytes, random) }),
  'a byte, its checksum made anew': ({ bytes }, random) => summed(flip(bytes, random)),
  'a byte deleted': ({ bytes }, random) => {
    const at = random.below(bytes.length)
    return summed(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]))
  },
  'the end cut off': ({ bytes }, random) => summed(bytes.subarray(0, random.below(bytes.length))),
  'the segment of another range': (_copy, _random, other) => summed(other),
  'random bytes': ({ bytes }) => summed(randomBytes(bytes.length)),
  deleted: ({ sha256 }) => ({ bytes: Buffer.alloc(0), sha256 }),
}

const summed = (bytes: Buffer): Copy => ({ bytes, sha256: hash('sha256', bytes, 'buffer') })

function flip(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = random.below(copy.length)
  copy[at] = copy[at]! ^ (1 + random.below(255))
  return copy
}

/** Segments of the archive: two ranges, in a store that is a map. */
export async function archiveTarget(texts: readonly Buffer[]): Promise<Target> {
  const files = new Map<string, Buffer>()
  const segments = createSegmentStore({
    storage: memoryStorage(files),
    sealKey: oneKey(),
  })
  const whole = texts.slice(0, TILE_WIDTH).map(String)
  const stored = [
    await store(segments, 0, whole),
    // The last entry of the second range stands there by its hash alone, as after a seal.
    await store(segments, 1, [...whole.slice(1), null]),
  ]
  return {
    name: 'archive',
    kinds: Object.keys(TAMPERINGS),
    async attempt(kind, random) {
      const at = random.below(stored.length)
      const { place, object, entries } = stored[at]!
      const original = { bytes: files.get(object.key)!, sha256: object.sha256 }
      const other = files.get(stored[1 - at]!.object.key)!
      const copy = kind === null ? original : TAMPERINGS[kind]!(original, random, other)
      files.set(object.key, copy.bytes)
      const read = await segments.read(place, { key: object.key, sha256: copy.sha256 }).catch(() => null)
      files.set(object.key, original.bytes)
      const isSame = read?.every((entry, n) => entry === entries[n])
      return { changed: !copy.bytes.equals(original.bytes), found: !isSame }
    },
  }
}

async function store(segments: SegmentStore, n: number, entries: RangeEntries): Promise<Stored> {
  const root = tileRoot(Buffer.concat(entries.map((entry) => hashLeaf(entry ?? ''))))
  const place = { n, root }
  return { place, entries, object: await segments.write(place, segments.newKey(n), entries) }
}

function memoryStorage(files: Map<string, Buffer>): StoragePort {
  return {
    kind: 'disk',
    putFile: async (key, path) => void files.set(key, await readFile(path)),
    async open(key) {
      const bytes = files.get(key)
      return bytes ? { bytes: bytes.length, stream: async () => Readable.from([bytes]) } : null
    },
    delete: async (key) => void files.delete(key),
    list: async (prefix) => [...files.keys()].filter((key) => key.startsWith(prefix)).sort(),
  }
}
