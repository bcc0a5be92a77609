import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import type { StoragePort } from '#engine/storage/port.ts'
import type { Sources } from '#engine/storage/sources.ts'
import { type FullAsset, findAsset } from './asset-record.ts'
import { ingestBudgetMs } from './ingest-deadline.ts'
import type { RunningIngests } from './running-ingests.ts'

type Parts = { ctx: EngineContext; storage: StoragePort; sources: Sources; running: RunningIngests }

/** Why an ingest is not run again; a sentence. */
export class RerunRefusal extends Error {}

/**
 * Queues an asset's ingest again: a failed one begins anew, one whose ladder failed goes on after its last rung, one
 * that waits runs now. Never beside a running attempt. Returns the job's name; throws RerunRefusal.
 */
export async function rerunIngest(parts: Parts, assetId: string): Promise<string> {
  const { ctx, running } = parts
  const turn = await running.begin(assetId)
  if (!turn) throw new RerunRefusal('It is being worked on right now.')
  try {
    const asset = await findAsset(ctx.pool, assetId)
    if (!asset) throw new RerunRefusal('There is no such asset.')
    if (asset.progress_state === 'completed')
      throw new RerunRefusal('It is complete: there is nothing to run.')
    await refuseWithoutSource(parts, asset)
    if (asset.status === 'errored') await removeRenditions(parts, assetId)
    return await queue(ctx, asset)
  } finally {
    await turn.end()
  }
}

async function refuseWithoutSource({ sources }: Parts, asset: FullAsset): Promise<void> {
  const fetched = asset.source_bytes !== null && asset.source_key
  if (fetched && (await sources.size(asset.source_key!)) === null) {
    throw new RerunRefusal('Its source is not in storage any more.')
  }
}

/** What a failed attempt left may be cut short. */
async function removeRenditions({ ctx, storage }: Parts, assetId: string): Promise<void> {
  const { rows } = await ctx.pool.query<{ folder: string }>(
    'delete from engine.renditions where asset_id = $1 returning folder',
    [assetId],
  )
  for (const { folder } of rows) await storage.deletePrefix(folder)
}

async function queue(ctx: EngineContext, asset: FullAsset): Promise<string> {
  const anew = asset.status === 'errored'
  const task =
    asset.source_bytes === null ? 'fetch_source' : asset.playable_at && !anew ? 'ingest_rest' : 'ingest_first'
  const key = `${task}:${asset.id}`
  await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update engine.assets set status = case when status = 'errored' then 'preparing' else status end,
         errors = null, completed_at = null, ingest_failures = 0, ingest_attempt = null, deadline_at = $2,
         playable_at = case when status = 'errored' then null else playable_at end,
         progress_state = case when status = 'ready' then 'transcoding' else 'ingesting' end
       where id = $1 and deleted_at is null and progress_state <> 'completed'`,
      [asset.id, new Date(ctx.clock().getTime() + ingestBudgetMs(asset.duration_seconds))],
    )
    if (rowCount !== 1) throw new RerunRefusal('There is no such asset.')
    await tx.query('select engine_worker.remove_job($1)', [key])
    await addJob(tx, task, { assetId: asset.id }, { key })
  })
  return task
}
