import { INTERIM } from '#engine/media/plan.ts'
import { inTransaction } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { addJob } from '#engine/platform/job-runner.ts'
import { tellPlaybackChanged } from './playback-changes.ts'

const BATCH = 100

/**
 * Assets whose ladder is complete and that keep what was played before it stood. Players that began with that go on
 * with it, for they read their playlists once: so it stays for an hour, for twice the video's length, and for as long
 * as a session from before lives, but a day at most.
 */
const OUTLIVED = `
  select a.id from engine.assets a
  where a.progress_state = 'completed' and a.deleted_at is null
    and a.completed_at < $1::timestamptz - interval '1 hour'
    and a.completed_at < $1::timestamptz - make_interval(secs => least(coalesce(a.duration_seconds, 0) * 2, 86400))
    and exists (select 1 from engine.renditions i where i.asset_id = a.id and i.name = any($2)
      and exists (select 1 from engine.renditions r where r.asset_id = a.id and r.kind = i.kind
        and r.status = 'ready' and r.name <> all($2)))
    and (a.completed_at < $1::timestamptz - interval '24 hours' or not exists (
      select 1 from engine.playback_sessions s join engine.playback_ids p on p.id = s.playback_id
      where p.asset_id = a.id and s.created_at < a.completed_at and s.expires_at > $1 and s.revoked_at is null))
  limit ${BATCH}`

/** Removes the interim renditions that nobody plays any more: the same picture and sound lie in the ladder. */
export async function sweepInterim(ctx: EngineContext): Promise<void> {
  const names = [...INTERIM]
  const { rows } = await ctx.pool.query<{ id: string }>(OUTLIVED, [ctx.clock(), names])
  for (const { id } of rows) {
    const playbackIds = await inTransaction(ctx.pool, async (tx) => {
      const removed = await tx.query<{ folder: string }>(
        `delete from engine.renditions i where asset_id = $1 and name = any($2)
           and exists (select 1 from engine.renditions r where r.asset_id = $1 and r.kind = i.kind
             and r.status = 'ready' and r.name <> all($2)) returning folder`,
        [id, names],
      )
      const prefixes = removed.rows.map(({ folder }) => folder)
      if (prefixes.length === 0) return []
      await addJob(tx, 'remove_files', { assetId: id, prefixes }, { key: `remove_interim:${id}` })
      return tellPlaybackChanged(tx, id)
    })
    for (const playbackId of playbackIds) ctx.onPlaybackEnded(playbackId)
  }
}
