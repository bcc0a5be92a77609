import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { encodeBundle } from '../tile-path.ts'
import { TILE_WIDTH } from '../tiles.ts'

/** Entries of a range in their order; null where the text was removed. */
export type RangeEntries = (string | null)[]

/** An entry has two bytes at least: a length of 0 says that the text was removed. */
const REMOVED = Buffer.alloc(0)
/** 256 entries of at most 65,535 bytes, each behind its length. */
const MOST_BYTES = TILE_WIDTH * (2 + 65_535)

/** A range as the archive keeps it: its C2SP entry bundle, removed entries empty, compressed by zstd (RFC 8878). */
export function encodeSegment(entries: RangeEntries): Buffer {
  if (entries.length !== TILE_WIDTH) throw new RangeError(`a range has ${TILE_WIDTH} entries`)
  return zstdCompressSync(
    encodeBundle(entries.map((entry) => (entry === null ? REMOVED : Buffer.from(entry)))),
  )
}

/** @throws Error where the bytes are not exactly what encodeSegment makes */
export function decodeSegment(bytes: Buffer): RangeEntries {
  const bundle = zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES })
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const entries: RangeEntries = []
  let at = 0
  while (at < bundle.length) {
    const end = at + 2 + bundle.readUInt16BE(at)
    if (end > bundle.length) throw new RangeError('the segment is cut off')
    entries.push(end === at + 2 ? null : text.decode(bundle.subarray(at + 2, end)))
    at = end
  }
  if (entries.length !== TILE_WIDTH) throw new RangeError(`the segment has ${entries.length} entries`)
  return entries
}
