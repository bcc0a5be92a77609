import { randomBytes } from 'node:crypto'
import type { AnsweringPool } from '#engine/delivery/answering-pool.ts'
import { refuse } from '#engine/delivery/answers.ts'
import type { Clip } from '#engine/delivery/clip.ts'
import { createFreshCache } from '#engine/delivery/fresh-cache.ts'
import { playbackSessionId } from '#engine/platform/playback-session-id.ts'

export type OpenSession = {
  playbackId: string
  /** The token's `session` claim; without one each start is a session of its own. */
  claim: string | null
  /** Null for a public playback ID. */
  keyId: string | null
  /** The newest token's; deleting it ends the session. */
  restrictionId: string | null
  expiresAt: Date
  /** What of the film may be seen; the newest token's holds. */
  clip: Clip | null
  now: Date
}

/** A session that may go on. */
export type LivingSession = { endsAtMs: number; clip: Clip | null }

export type Sessions = {
  /** Starts or prolongs a session and returns its id. Throws 403 if it was revoked. */
  open(session: OpenSession): Promise<string>
  /**
   * True if the session may go on and see the whole film, as far as is known without asking the database;
   * undefined: ask.
   */
  peek(playbackId: string, sessionId: string, now: Date): boolean | undefined
  /** Null if the session is over or revoked, or its playback ID, asset, signing key or restriction deleted. */
  check(playbackId: string, sessionId: string, now: Date): Promise<LivingSession | null>
  forget(playbackId: string): void
}

/** A revocation in another process holds after this long at the latest, should its message get lost. */
const FRESH_MS = 500

const OPEN = `
  insert into engine.playback_sessions as s (id, playback_id, signing_key_id, expires_at, created_at, clip, restriction_id)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (id) do update set expires_at = greatest(s.expires_at, excluded.expires_at),
    signing_key_id = case when excluded.expires_at >= s.expires_at then excluded.signing_key_id else s.signing_key_id end,
    clip = case when excluded.expires_at >= s.expires_at then excluded.clip else s.clip end,
    restriction_id = case when excluded.expires_at >= s.expires_at then excluded.restriction_id
      else s.restriction_id end
    where s.revoked_at is null and s.playback_id = excluded.playback_id
  returning expires_at`

const CHECK = `
  select s.expires_at, s.clip from engine.playback_sessions s
    join engine.playback_ids p on p.id = s.playback_id
    join engine.assets a on a.id = p.asset_id
    left join engine.signing_keys k on k.id = s.signing_key_id
    left join engine.playback_restrictions r on r.id = s.restriction_id
  where s.id = $1 and s.playback_id = $2 and s.revoked_at is null and p.deleted_at is null
    and a.deleted_at is null and k.deleted_at is null and (s.signing_key_id is null or k.id is not null)
    and r.deleted_at is null`

/** Playback sessions: what each segment request is authorised against. */
export function createSessions(pool: AnsweringPool): Sessions {
  // Only sessions that may go on are remembered, with the instant they end.
  const living = createFreshCache<LivingSession>(FRESH_MS, 50_000)
  const nameOf = (playbackId: string, sessionId: string) => `${playbackId}/${sessionId}`
  const load = async (playbackId: string, sessionId: string) => {
    const { rows } = await pool.query<{ expires_at: Date; clip: Clip | null }>({
      name: 'delivery-session',
      text: CHECK,
      values: [sessionId, playbackId],
    })
    return rows[0] ? { endsAtMs: rows[0].expires_at.getTime(), clip: rows[0].clip } : null
  }
  return {
    async open({ playbackId, claim, keyId, restrictionId, expiresAt, clip, now }) {
      const id = claim === null ? randomBytes(32).toString('base64url') : playbackSessionId(playbackId, claim)
      const { rowCount } = await pool.query({
        name: 'delivery-open',
        text: OPEN,
        values: [id, playbackId, keyId, expiresAt, now, clip && JSON.stringify(clip), restrictionId],
      })
      if (rowCount !== 1) throw refuse('revoked')
      return id
    },
    peek(playbackId, sessionId, now) {
      const known = living.peek(nameOf(playbackId, sessionId))
      // A remembered end may have been put off since: only the database may say that it is over.
      return known && known.clip === null && known.endsAtMs > now.getTime() ? true : undefined
    },
    async check(playbackId, sessionId, now) {
      const name = nameOf(playbackId, sessionId)
      const known = living.peek(name)
      if (known !== undefined && known.endsAtMs <= now.getTime()) living.drop(name)
      const session = await living.get(name, () => load(playbackId, sessionId))
      return session !== null && session.endsAtMs > now.getTime() ? session : null
    },
    forget(playbackId) {
      living.forget((name) => playbackId === '*' || name.startsWith(`${playbackId}/`))
    },
  }
}
