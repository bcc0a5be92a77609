import type { PoolClient } from 'pg'
import { HASH_BYTES } from './merkle.ts'
import { TILE_WIDTH, tileRoot } from './tiles.ts'

/** Compares the stored tiles with those that the leaf hashes make, as the leaves come. */
export function createTileCheck(client: PoolClient, fault: (message: string) => void) {
  const levels: { hashes: Buffer[]; n: number }[] = []
  let tilesSeen = 0

  async function add(hash: Buffer, level = 0): Promise<void> {
    levels[level] ??= { hashes: [], n: 0 }
    const current = levels[level]
    current.hashes.push(hash)
    if (current.hashes.length < TILE_WIDTH) return
    const bytes = Buffer.concat(current.hashes)
    await compare(level, current.n, bytes)
    current.hashes = []
    current.n += 1
    await add(tileRoot(bytes), level + 1)
  }

  async function compare(level: number, n: number, bytes: Buffer): Promise<void> {
    tilesSeen += 1
    const { rows } = await client.query('select hashes from audit_tiles where level = $1 and n = $2', [
      level,
      n,
    ])
    if (!rows[0]?.hashes.equals(bytes))
      fault(`tile ${level}/${n} is not what its ${bytes.length / HASH_BYTES} leaves make`)
  }

  return {
    add: (leafHash: Buffer) => add(leafHash),

    async end(): Promise<void> {
      for (const [level, { hashes, n }] of levels.entries()) {
        if (hashes.length > 0) await compare(level, n, Buffer.concat(hashes))
      }
      const { rows } = await client.query('select count(*)::int as stored from audit_tiles')
      if (rows[0].stored !== tilesSeen)
        fault(`${rows[0].stored} tiles are stored, the leaves make ${tilesSeen}`)
    },
  }
}
