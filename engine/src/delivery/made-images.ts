import type pg from 'pg'
import { PlaybackError } from '#engine/delivery/answers.ts'
import { createTurns } from '#engine/delivery/turns.ts'
import type { StoragePort } from '#engine/storage/port.ts'

const AT_ONCE = 2
const MOST_WAITING = 100
/** A public asset's pictures can be asked for in endless sizes; from here on its older ones are made anew. */
const MOST_OF_AN_ASSET = 500

/**
 * Pictures made when first asked for and then kept in storage beside the asset's other files, so that they go with
 * it. Many who ask for one at once wait for one making.
 */
export function createMadeImages({ pool, storage }: { pool: pg.Pool; storage: StoragePort }) {
  const turns = createTurns(AT_ONCE, MOST_WAITING)
  const making = new Map<string, Promise<void>>()

  async function keep(assetId: string, key: string, image: Buffer): Promise<void> {
    const folder = folderOf(assetId)
    if ((await storage.list(folder)).length >= MOST_OF_AN_ASSET) await storage.deletePrefix(folder)
    await storage.put(key, image)
    const text = 'select 1 from engine.assets where id = $1 and deleted_at is null'
    const { rowCount } = await pool.query(text, [assetId])
    if (rowCount === 1) return
    // The asset was deleted meanwhile: nothing of it stays.
    await storage.deletePrefix(`assets/${assetId}/`)
    throw new PlaybackError(404)
  }

  return {
    /** Makes the picture unless it is there, and returns its storage key. Throws 404 if it comes out empty. */
    async ensure(assetId: string, name: string, make: () => Promise<Buffer>): Promise<string> {
      const key = folderOf(assetId) + name
      if (await storage.open(key)) return key
      const same = making.get(key)
      if (same) return same.then(() => key)
      const task = turns
        .take(make)
        .then((image) => {
          if (image.length === 0) throw new PlaybackError(404)
          return keep(assetId, key, image)
        })
        .finally(() => making.delete(key))
      making.set(key, task)
      await task
      return key
    },
  }
}

const folderOf = (assetId: string) => `assets/${assetId}/images/made/`
