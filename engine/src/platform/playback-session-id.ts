import { createHash } from 'node:crypto'

/**
 * The id of one viewer's playback session, as it stands in playlists and segment URLs.
 * It follows from the playback ID and the token's `session` claim alone, so a renewed token,
 * even one signed by another key, opens the same URLs. 43 characters, base64url.
 */
export function playbackSessionId(playbackId: string, sessionClaim: string): string {
  return createHash('sha256').update(`${playbackId}\n${sessionClaim}`).digest('base64url')
}

/**
 * Postgres channel on which the end of sessions is told to every process.
 * The payload is a playback ID, or '*' for all (a signing key was deleted).
 */
export const PLAYBACK_CHANNEL = 'engine_playback'
