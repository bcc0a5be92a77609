import { refuse } from '#engine/delivery/answers.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import type { Clip } from '#engine/delivery/clip.ts'
import type { SessionUrls } from '#engine/delivery/session-url.ts'
import type { Sessions } from '#engine/delivery/sessions.ts'

export type SessionAccess = (
  playbackId: string,
  route: { session: string; signature: string },
) => Promise<{ playable: Playable; clip: Clip | null }>

/** What a session's URL opens, and how much of it. Throws 403 with the reason. */
export function createSessionAccess(parts: {
  urls: SessionUrls
  sessions: Sessions
  catalogue: Catalogue
  clock: () => Date
}): SessionAccess {
  return async (playbackId, { session, signature }) => {
    if (!parts.urls.verify(playbackId, session, signature)) throw refuse('bad_session_signature')
    const living = await parts.sessions.check(playbackId, session, parts.clock())
    if (!living) throw refuse('session_ended')
    const playable = await parts.catalogue.find(playbackId)
    if (!playable) throw refuse('session_ended')
    return { playable, clip: living.clip }
  }
}
