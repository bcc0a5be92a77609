import type { EngineContext } from '#engine/platform/engine-context.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { failIngest, INTERNAL } from './ingest-failure.ts'

const BATCH = 500

/** Bytes of deleted assets and of ended uploads whose removal was given up, or was lost with a restored database. */
async function sweepRemovals(ctx: EngineContext): Promise<void> {
  const { rows } = await ctx.pool.query<{ task: string; payload: object; key: string }>(
    `select r.* from (
       select 'remove_asset' as task, json_build_object('assetId', id) as payload, 'remove_asset:' || id as key
       from engine.assets where deleted_at is not null and bytes_removed_at is null
       union all
       select 'remove_upload', json_build_object('uploadId', id), 'remove_upload:' || id
       from engine.uploads where ended_at is not null and asset_id is null and bytes_removed_at is null) r
     left join engine_worker.jobs j on j.key = r.key
     where j.id is null or (j.locked_at is null and (j.attempts >= j.max_attempts or j.run_at > now() + interval '2 minutes'))
     limit $1`,
    [BATCH],
  )
  for (const { task, payload, key } of rows) await addJob(ctx.pool, task, payload, { key })
}

/**
 * Looks for unfinished assets that no job works on: one whose job used up its attempts (its worker was killed each
 * time) is failed, any other is queued again.
 */
export async function sweepAssets(ctx: EngineContext): Promise<void> {
  await sweepRemovals(ctx)
  const { rows } = await ctx.pool.query<{ id: string; task: string; used_up: boolean }>(
    `select a.id, a.task, j.id is not null as used_up
     from (select id, case when source_bytes is null then 'fetch_source' when playable_at is null then 'ingest_first'
             else 'ingest_rest' end as task
           from engine.assets where deleted_at is null and completed_at is null) a
     left join engine_worker.jobs j on j.key = a.task || ':' || a.id
     where j.id is null or (j.attempts >= j.max_attempts and j.locked_at is null)
     limit $1`,
    [BATCH],
  )
  for (const { id, task, used_up } of rows) {
    const key = `${task}:${id}`
    if (!used_up) await addJob(ctx.pool, task, { assetId: id }, { key })
    else {
      await failIngest(ctx, id, { type: 'internal_error', message: INTERNAL })
      await ctx.pool.query('select engine_worker.remove_job($1)', [key])
    }
  }
}
