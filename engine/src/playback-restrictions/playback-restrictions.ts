import { tellPlaybackEnded } from '#engine/assets/playback-sessions.ts'
import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { newId } from '#engine/platform/ids.ts'
import type { ReferrerRule, RestrictionRules, UserAgentRule } from './rules.ts'

/** A row of engine.playback_restrictions. */
export type PlaybackRestrictionRow = RestrictionRules & { id: string; created_at: Date; updated_at: Date }

export async function createPlaybackRestriction(
  ctx: EngineContext,
  { referrer, user_agent }: RestrictionRules,
): Promise<PlaybackRestrictionRow> {
  const { rows } = await ctx.pool.query<PlaybackRestrictionRow>(
    `insert into engine.playback_restrictions (id, referrer, user_agent, created_at, updated_at)
     values ($1, $2, $3, $4, $4) returning *`,
    [newId(), JSON.stringify(referrer), JSON.stringify(user_agent), ctx.clock()],
  )
  return rows[0]!
}

export async function findPlaybackRestriction(
  db: Queryable,
  id: string,
): Promise<PlaybackRestrictionRow | null> {
  const { rows } = await db.query<PlaybackRestrictionRow>({
    name: 'playback-restriction',
    text: 'select * from engine.playback_restrictions where id = $1 and deleted_at is null',
    values: [id],
  })
  return rows[0] ?? null
}

export async function listPlaybackRestrictions(
  db: Queryable,
  { limit, offset }: { limit: number; offset: number },
): Promise<PlaybackRestrictionRow[]> {
  const { rows } = await db.query<PlaybackRestrictionRow>(
    `select * from engine.playback_restrictions where deleted_at is null
     order by created_at desc, id desc limit $1 offset $2`,
    [limit, offset],
  )
  return rows
}

/** Replaces one half of a restriction; it holds for every start from now on. Null if there is none. */
export async function changePlaybackRestriction(
  ctx: EngineContext,
  id: string,
  change: { referrer: ReferrerRule } | { user_agent: UserAgentRule },
): Promise<PlaybackRestrictionRow | null> {
  const referrer = 'referrer' in change ? JSON.stringify(change.referrer) : null
  const userAgent = 'user_agent' in change ? JSON.stringify(change.user_agent) : null
  const changed = await inTransaction(ctx.pool, async (tx) => {
    const { rows } = await tx.query<PlaybackRestrictionRow>(
      `update engine.playback_restrictions set referrer = coalesce($2, referrer),
         user_agent = coalesce($3, user_agent), updated_at = $4
       where id = $1 and deleted_at is null returning *`,
      [id, referrer, userAgent, ctx.clock()],
    )
    if (rows[0]) await tellPlaybackEnded(tx, '*')
    return rows[0] ?? null
  })
  if (changed) ctx.onPlaybackEnded('*')
  return changed
}

/**
 * From now on no token that names this restriction opens anything, and what it opened ends at the next request.
 * False if there is no such restriction.
 */
export async function deletePlaybackRestriction(ctx: EngineContext, id: string): Promise<boolean> {
  const deleted = await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      'update engine.playback_restrictions set deleted_at = $2 where id = $1 and deleted_at is null',
      [id, ctx.clock()],
    )
    if (rowCount !== 1) return false
    await tx.query(
      'update engine.playback_sessions set expires_at = $2 where restriction_id = $1 and expires_at > $2',
      [id, ctx.clock()],
    )
    await tellPlaybackEnded(tx, '*')
    return true
  })
  if (deleted) ctx.onPlaybackEnded('*')
  return deleted
}

/** A restriction as REST shows it. */
export function playbackRestrictionJson(row: PlaybackRestrictionRow) {
  const seconds = (at: Date) => String(Math.floor(at.getTime() / 1000))
  return {
    id: row.id,
    created_at: seconds(row.created_at),
    updated_at: seconds(row.updated_at),
    referrer: row.referrer,
    user_agent: row.user_agent,
  }
}
