import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { queueMaster } from './master-access/change-master-access.ts'
import { queueStaticRendition, settleStaticRendition } from './static-renditions/static-rendition-rows.ts'
import { failTracks } from './tracks/track-outcome.ts'
import { queueTrack } from './tracks/track-queue.ts'

const BATCH = 500
const GAVE_UP = {
  type: 'internal_error',
  message: 'It could not be made because of a fault in the engine. Try again later.',
} as const

type Lost = { id: string; asset_id: string; text_source: 'embedded' | null; key: string; used_up: boolean }

/** What is being prepared, of assets that are ready, with the key of its job. */
const PREPARING = {
  tracks: `select t.id, t.asset_id, t.text_source, case t.text_source when 'embedded' then 'extract_text:' || t.asset_id
      when 'generated_vod' then 'generate_captions:' || t.id else 'make_track:' || t.id end as key
    from engine.tracks t join engine.assets a on a.id = t.asset_id
    where t.status = 'preparing' and a.status = 'ready' and a.deleted_at is null`,
  files: `select r.id, r.asset_id, null as text_source, 'make_static_rendition:' || r.id as key
    from engine.static_renditions r join engine.assets a on a.id = r.asset_id
    where r.status = 'preparing' and a.status = 'ready' and a.completed_at is not null and a.deleted_at is null`,
  masters: `select id, id as asset_id, null as text_source, 'make_master:' || id as key from engine.assets
    where master_status = 'preparing' and status = 'ready' and completed_at is not null and deleted_at is null`,
}

/**
 * Looks for work beside ladders that no job works on: whose job used up its attempts (its worker was killed each time)
 * is ended, any other is queued again.
 */
export async function sweepSideWork(ctx: EngineContext): Promise<void> {
  await sweep(ctx, PREPARING.tracks, (tx, { id }) => failTracks(tx, ctx, [id], GAVE_UP), queueTrack)
  await sweep(
    ctx,
    PREPARING.files,
    (tx, { id }) => settleStaticRendition(tx, ctx, id, { status: 'errored', error: GAVE_UP }),
    (tx, { id }) => queueStaticRendition(tx, id),
  )
  await sweep(
    ctx,
    PREPARING.masters,
    (tx, { id }) =>
      tx.query(
        `update engine.assets set master_status = 'errored' where id = $1 and master_status = 'preparing'`,
        [id],
      ),
    (tx, { id }) => queueMaster(tx, id),
  )
}

async function sweep(
  ctx: EngineContext,
  preparing: string,
  end: (tx: Queryable, lost: Lost) => Promise<unknown>,
  queue: (tx: Queryable, lost: Lost) => Promise<void>,
): Promise<void> {
  const { rows } = await ctx.pool.query<Lost>(
    `select p.*, j.id is not null as used_up from (${preparing}) p
     left join engine_worker.jobs j on j.key = p.key
     where j.id is null or (j.attempts >= j.max_attempts and j.locked_at is null) limit $1`,
    [BATCH],
  )
  for (const lost of rows) {
    await inTransaction(ctx.pool, async (tx) => {
      if (!lost.used_up) return queue(tx, lost)
      await end(tx, lost)
      await tx.query('select engine_worker.remove_job($1)', [lost.key])
    })
  }
}
