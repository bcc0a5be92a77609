import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { PLAYBACK_CHANNEL, playbackSessionId } from '#engine/platform/playback-session-id.ts'
import { notify } from '#engine/platform/session-connection.ts'

/** A revoked claim stays known this long, so that a token signed before the revoke can't open it again. */
const TOMBSTONE_MS = 24 * 3600_000

/** Ends every session of a playback ID; returns how many were still running. */
export async function revokeAllSessions(
  tx: Queryable,
  ctx: EngineContext,
  playbackId: string,
): Promise<number> {
  const { rowCount } = await tx.query(
    'update engine.playback_sessions set revoked_at = $2 where playback_id = $1 and revoked_at is null',
    [playbackId, ctx.clock()],
  )
  return rowCount ?? 0
}

/** The same, with everybody told. */
export async function endPlayback(ctx: EngineContext, playbackId: string): Promise<number> {
  const revoked = await inTransaction(ctx.pool, async (tx) => {
    const count = await revokeAllSessions(tx, ctx, playbackId)
    await tellPlaybackEnded(tx, playbackId)
    return count
  })
  ctx.onPlaybackEnded(playbackId)
  return revoked
}

/**
 * Ends the sessions that carry these claims, and keeps those never seen from opening.
 * Returns how many claims are revoked by this call.
 */
export async function revokeSessions(
  ctx: EngineContext,
  playbackId: string,
  claims: string[],
): Promise<number> {
  const now = ctx.clock()
  const ids = [...new Set(claims)].map((claim) => playbackSessionId(playbackId, claim))
  const revoked = await inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `insert into engine.playback_sessions (id, playback_id, expires_at, revoked_at, created_at)
       select id, $2, $4, $3, $3 from unnest($1::text[]) as id
       on conflict (id) do update set revoked_at = excluded.revoked_at
         where engine.playback_sessions.revoked_at is null`,
      [ids, playbackId, now, new Date(now.getTime() + TOMBSTONE_MS)],
    )
    await tellPlaybackEnded(tx, playbackId)
    return rowCount ?? 0
  })
  ctx.onPlaybackEnded(playbackId)
  return revoked
}

/** Sessions opened by a key that is deleted end at once; a newer token by another key may open them again. */
export async function expireSessionsOfKey(tx: Queryable, ctx: EngineContext, keyId: string): Promise<void> {
  await tx.query(
    'update engine.playback_sessions set expires_at = $2 where signing_key_id = $1 and expires_at > $2',
    [keyId, ctx.clock()],
  )
}

/** Tells the delivery side of every process, when the transaction commits. */
export async function tellPlaybackEnded(tx: Queryable, playbackId: string): Promise<void> {
  await notify(tx, PLAYBACK_CHANNEL, playbackId)
}

/** Forgets sessions that ended more than a day ago. */
export async function pruneSessions(ctx: EngineContext): Promise<void> {
  await ctx.pool.query(
    `delete from engine.playback_sessions where expires_at < $1 and (revoked_at is null or revoked_at < $1)`,
    [new Date(ctx.clock().getTime() - TOMBSTONE_MS)],
  )
}
