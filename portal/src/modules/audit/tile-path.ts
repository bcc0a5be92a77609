import { TILE_WIDTH } from './tiles.ts'

/** A tile or entry bundle as a path names it; `width` is 256 for a full one. */
export type TilePath = { level: number | 'entries'; n: number; width: number }

/** C2SP tlog-tiles: the path below the log's prefix, for example `tile/0/x001/x234/067` or `tile/entries/000.p/12`. */
export function formatTilePath({ level, n, width }: TilePath): string {
  const groups = String(n)
    .padStart(Math.ceil(String(n).length / 3) * 3, '0')
    .match(/.{3}/g)!
  const place = groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/')
  return `tile/${level}/${place}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/

/** The tile that a path names, or null unless it is written exactly as the specification writes it. */
export function parseTilePath(path: string): TilePath | null {
  const match = PATH.exec(path)
  if (!match) return null
  const tile: TilePath = {
    level: match[1] === 'entries' ? 'entries' : Number(match[1]),
    n: Number(match[2]!.replaceAll(/[x/]/g, '')),
    width: match[3] === undefined ? TILE_WIDTH : Number(match[3]),
  }
  const isRepresentable = Number.isSafeInteger(tile.n) && (tile.level === 'entries' || tile.level <= 63)
  return isRepresentable && formatTilePath(tile) === path ? tile : null
}

/** C2SP tlog-tiles entry bundle: each entry behind its length, uint16 big-endian. */
export function encodeBundle(entries: Buffer[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(entry.length)
      return [length, entry]
    }),
  )
}
