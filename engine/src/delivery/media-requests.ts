import type { IncomingMessage, ServerResponse } from 'node:http'
import type pg from 'pg'
import { PlaybackError, refuse, sendText } from '#engine/delivery/answers.ts'
import type { Grant } from '#engine/delivery/authorise.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { createFreshCache } from '#engine/delivery/fresh-cache.ts'
import { readMasterParameters } from '#engine/delivery/parameters.ts'
import type { PlaybackRoute } from '#engine/delivery/playback-route.ts'
import { masterPlaylist, mediaPlaylist } from '#engine/delivery/playlists.ts'
import { type ObjectSource, type SentObject, sendHot, sendObject } from '#engine/delivery/send-object.ts'
import { createSessionUrls } from '#engine/delivery/session-url.ts'
import type { Sessions } from '#engine/delivery/sessions.ts'

type MediaParts = ObjectSource & {
  pool: pg.Pool
  sessionSecret: string
  clock: () => Date
  catalogue: Catalogue
  sessions: Sessions
}
type PlaylistRoute = Extract<PlaybackRoute, { kind: 'playlist' }>
type ObjectRoute = Extract<PlaybackRoute, { kind: 'object' }>

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const PLAYLIST_FRESH_MS = 60_000
const HOUR_MS = 3_600_000

/** Playlists and segments. */
export function createMediaRequests(parts: MediaParts) {
  const { catalogue, sessions } = parts
  const urls = createSessionUrls(parts.sessionSecret)
  // A finished rendition never changes; what its asset's deletion means is decided by the session.
  const playlists = createFreshCache<string>(PLAYLIST_FRESH_MS, 500)

  async function authorised(playbackId: string, route: PlaylistRoute | ObjectRoute): Promise<Playable> {
    const { session, signature } = route
    if (!urls.verify(playbackId, session, signature)) throw refuse('bad_session_signature')
    if (!(await sessions.check(playbackId, session, parts.clock()))) throw refuse('session_ended')
    const playable = await catalogue.find(playbackId)
    if (!playable) throw refuse('session_ended')
    return playable
  }

  return {
    async master(req: IncomingMessage, res: ServerResponse, grant: Grant): Promise<void> {
      const { playable, claims } = grant
      const parameters = readMasterParameters(grant.parameters)
      const now = parts.clock()
      const sessionId = await sessions.open({
        playbackId: playable.playbackId,
        claim: claims?.session ?? null,
        keyId: claims?.keyId ?? null,
        expiresAt: claims?.expiresAt ?? publicEnd(now, playable.durationSeconds),
        now,
      })
      const folder = `${playable.playbackId}/${urls.sign(playable.playbackId, sessionId)}`
      const text = masterPlaylist(playable.renditions, {
        ...parameters,
        complete: playable.complete,
        uri: (rendition) => `${folder}/${rendition}.m3u8`,
      })
      sendText(req, res, PLAYLIST_TYPE, text, false)
    },

    async playlist(req: IncomingMessage, res: ServerResponse, playbackId: string, route: PlaylistRoute) {
      const { assetId, isPublic } = await authorised(playbackId, route)
      const text = await playlists.get(`${playbackId}/${route.rendition}`, async () => {
        const rendition = await catalogue.rendition(assetId, route.rendition)
        return (
          rendition &&
          mediaPlaylist(
            rendition.name,
            rendition.segments.map((segment) => segment.duration),
          )
        )
      })
      if (text === null) throw new PlaybackError(404)
      sendText(req, res, PLAYLIST_TYPE, text, isPublic)
    },

    async object(req: IncomingMessage, res: ServerResponse, playbackId: string, route: ObjectRoute) {
      const playable = await authorised(playbackId, route)
      await sendObject(req, res, parts, objectOf(playable, route))
    },

    /** Answers a segment without waiting for anything: session known to live, bytes in memory. */
    hot(
      req: IncomingMessage,
      res: ServerResponse,
      target: { playbackId: string; route: PlaybackRoute },
    ): boolean {
      const { playbackId, route } = target
      if (route.kind !== 'object') return false
      if (!sessions.peek(playbackId, route.session, parts.clock())) return false
      if (!urls.verify(playbackId, route.session, route.signature)) return false
      const playable = catalogue.peek(playbackId)
      const rendition = playable?.renditions.find(({ name }) => name === route.rendition)
      return playable && rendition ? sendHot(req, res, parts.cache, objectOf(playable, route)) : false
    },

    forget: (playbackId: string) =>
      playlists.forget((name) => playbackId === '*' || name.startsWith(`${playbackId}/`)),
  }
}

function objectOf(playable: Playable, route: ObjectRoute): SentObject {
  const rendition = playable.renditions.find(({ name }) => name === route.rendition)
  if (!rendition) throw new PlaybackError(404)
  return {
    key: rendition.folder + route.file,
    contentType: rendition.kind === 'video' ? 'video/mp4' : 'audio/mp4',
    isPublic: playable.isPublic,
  }
}

/** Without a token to set it: twice the film, at least an hour, at most twelve. */
function publicEnd(now: Date, durationSeconds: number): Date {
  const life = Math.min(Math.max(2000 * durationSeconds, HOUR_MS), 12 * HOUR_MS)
  return new Date(now.getTime() + life)
}
