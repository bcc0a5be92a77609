import { setTimeout as delay } from 'node:timers/promises'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { emitAsset } from './emit-asset.ts'
import type { IngestParts } from './ingest-job.ts'
import { revokeAllSessions, tellPlaybackEnded } from './playback-sessions.ts'
import { type RunningIngests, tellIngestToStop } from './running-ingests.ts'
import { removeWorkFolders } from './work-folders.ts'

/** A second look after this long catches what a process that was cut off from the database may still have written. */
const SECOND_LOOK_MS = 5 * 60_000
const WAIT_FOR_INGEST_MS = 15_000

/**
 * Deletes an asset: from the commit on it is unknown to the API, its playback IDs and sessions are ended, and a job
 * removes its bytes. False if there is no such asset.
 */
export async function deleteAsset(ctx: EngineContext, assetId: string): Promise<boolean> {
  const playbackIds = await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      'select 1 from engine.assets where id = $1 and deleted_at is null for update',
      [assetId],
    )
    if (rowCount !== 1) return null
    await emitAsset(tx, ctx, 'video.asset.deleted', assetId)
    const now = ctx.clock()
    const { rows } = await tx.query<{ id: string }>(
      'update engine.playback_ids set deleted_at = coalesce(deleted_at, $2) where asset_id = $1 returning id',
      [assetId, now],
    )
    for (const { id } of rows) {
      await revokeAllSessions(tx, ctx, id)
      await tellPlaybackEnded(tx, id)
    }
    // What people wrote about the video goes with it.
    await tx.query(
      `update engine.assets set deleted_at = $2, ingest_attempt = null, passthrough = null, meta = null,
         media = null, settings = settings - 'passthrough' - 'meta' - 'inputs', master_url = null where id = $1`,
      [assetId, now],
    )
    await tx.query(
      `update engine.uploads set new_asset_settings = new_asset_settings - 'passthrough' - 'meta' - 'inputs'
       where asset_id = $1`,
      [assetId],
    )
    await tx.query(
      `update engine.webhook_events set body = body #- '{data,meta,title}' #- '{data,new_asset_settings,meta,title}'
       where object_id = $1 or object_id = (select upload_id from engine.assets where id = $1)`,
      [assetId],
    )
    await tellIngestToStop(tx, assetId)
    await addJob(tx, 'remove_asset', { assetId }, { key: `remove_asset:${assetId}` })
    await addJob(
      tx,
      'remove_asset',
      { assetId },
      { key: `remove_asset_again:${assetId}`, runAt: new Date(Date.now() + SECOND_LOOK_MS) },
    )
    return rows.map(({ id }) => id)
  })
  for (const id of playbackIds ?? []) ctx.onPlaybackEnded(id)
  return playbackIds !== null
}

/**
 * Removes every byte of a deleted asset: source, renditions, images, work folders. Waits for a running ingest to end
 * first, so that nothing is written afterwards. Safe to run again; throws while the ingest can't be stopped.
 */
export async function removeAssetBytes(parts: Omit<IngestParts, 'ingest'>, assetId: string): Promise<void> {
  const { ctx, storage, sources, running } = parts
  const { rows } = await ctx.pool.query<{ source_key: string | null }>(
    'select source_key from engine.assets where id = $1 and deleted_at is not null',
    [assetId],
  )
  if (!rows[0]) return
  const turn = await waitForTurn(ctx, running, assetId)
  try {
    await storage.deletePrefix(`assets/${assetId}/`)
    await removeWorkFolders(ctx.settings.folder, assetId)
    await removeWorkFolders(ctx.settings.folder, `side.${assetId}`)
    if (rows[0].source_key) await sources.remove(rows[0].source_key)
    await inTransaction(ctx.pool, async (tx) => {
      await tx.query('delete from engine.renditions where asset_id = $1', [assetId])
      await tx.query('delete from engine.tracks where asset_id = $1', [assetId])
      await tx.query('delete from engine.static_renditions where asset_id = $1', [assetId])
      await tx.query(
        `update engine.assets set bytes_removed_at = coalesce(bytes_removed_at, $2), images = null where id = $1`,
        [assetId, ctx.clock()],
      )
    })
  } finally {
    await turn.end()
  }
}

async function waitForTurn(ctx: EngineContext, running: RunningIngests, assetId: string) {
  const deadline = Date.now() + WAIT_FOR_INGEST_MS
  for (;;) {
    const turn = await running.begin(assetId)
    if (turn) return turn
    if (running.stopping()) throw new Error('the engine stops; the removal is tried again')
    if (Date.now() > deadline) throw new Error('the ingest of a deleted asset has not ended yet')
    await tellIngestToStop(ctx.pool, assetId)
    await delay(100)
  }
}
