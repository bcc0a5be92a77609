import type { Queryable } from '#engine/platform/db.ts'
import { tellPlaybackEnded } from './playback-sessions.ts'

/**
 * Makes every delivery process forget what it remembers of an asset, when the transaction commits; sessions go on.
 * Returns the asset's playback IDs, for this process to forget at once (`ctx.onPlaybackEnded`).
 */
export async function tellPlaybackChanged(tx: Queryable, assetId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from engine.playback_ids where asset_id = $1 and deleted_at is null',
    [assetId],
  )
  for (const { id } of rows) await tellPlaybackEnded(tx, id)
  return rows.map(({ id }) => id)
}
