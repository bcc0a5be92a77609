import type { IncomingMessage, ServerResponse } from 'node:http'
import { PlaybackError, sendText } from '#engine/delivery/answers.ts'
import type { Grant } from '#engine/delivery/authorise.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { readClip } from '#engine/delivery/clip.ts'
import type { FastSegments } from '#engine/delivery/fast-segments.ts'
import { prepareObject } from '#engine/delivery/object-head.ts'
import { readMasterParameters } from '#engine/delivery/parameters.ts'
import type { PlaybackRoute } from '#engine/delivery/playback-route.ts'
import { masterPlaylist } from '#engine/delivery/playlists.ts'
import type { RenditionPlaylists } from '#engine/delivery/rendition-playlists.ts'
import { type ObjectSource, type SentObject, sendPrepared } from '#engine/delivery/send-object.ts'
import type { SessionAccess } from '#engine/delivery/session-access.ts'
import type { SessionUrls } from '#engine/delivery/session-url.ts'
import type { Sessions } from '#engine/delivery/sessions.ts'
import { PLAYLIST_TYPE } from '#engine/delivery/text-requests.ts'

type MediaParts = ObjectSource & {
  fast: FastSegments
  clock: () => Date
  catalogue: Catalogue
  sessions: Sessions
  urls: SessionUrls
  access: SessionAccess
  playlists: RenditionPlaylists
}
type PlaylistRoute = Extract<PlaybackRoute, { kind: 'playlist' }>
type Stored = { folder: string; kind: 'video' | 'audio' }
type ObjectRoute = Extract<PlaybackRoute, { kind: 'object' }>

const HOUR_MS = 3_600_000

/** Playlists and segments. */
export function createMediaRequests(parts: MediaParts) {
  const { catalogue, sessions, urls, access, playlists } = parts

  // What was made since the catalogue was asked, and listed by another process, is already there.
  async function renditionOf(playable: Playable, name: string): Promise<Stored> {
    const known = playable.renditions.find((rendition) => rendition.name === name)
    const found = known ?? (await catalogue.rendition(playable.assetId, name))
    if (!found) throw new PlaybackError(404)
    return found
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
        restrictionId: claims?.restrictionId ?? null,
        expiresAt: claims?.expiresAt ?? publicEnd(now, playable.durationSeconds),
        clip: readClip(grant.parameters, playable.durationSeconds),
        now,
      })
      const text = masterPlaylist(playable.renditions, playable.texts, {
        ...parameters,
        complete: playable.complete,
        folder: `${playable.playbackId}/${urls.sign(playable.playbackId, sessionId)}/`,
      })
      sendText(req, res, PLAYLIST_TYPE, text, false)
    },

    async playlist(req: IncomingMessage, res: ServerResponse, playbackId: string, route: PlaylistRoute) {
      const { playable, clip } = await access(playbackId, route)
      const { text, changing } = await playlists.read(playable, route.rendition, route.view, clip)
      sendText(req, res, PLAYLIST_TYPE, text, playable.isPublic && !changing)
    },

    async object(req: IncomingMessage, res: ServerResponse, playbackId: string, route: ObjectRoute) {
      const { playable, clip } = await access(playbackId, route)
      if (clip) await playlists.assertWithin(playable, route.rendition, route.file, clip)
      const rendition = await renditionOf(playable, route.rendition)
      const prepared = prepareObject(objectOf(playable, rendition, route))
      if (!clip) parts.fast.learn(req.url!, route.session, playable, prepared)
      await sendPrepared(req, res, parts, prepared)
    },
  }
}

function objectOf(playable: Playable, rendition: Stored, route: ObjectRoute): SentObject {
  return {
    key: rendition.folder + route.file,
    contentType: rendition.kind === 'video' ? 'video/mp4' : 'audio/mp4',
    isPublic: playable.isPublic,
    immutable: true,
  }
}

/** Without a token to set it: twice the film, at least an hour, at most twelve. */
function publicEnd(now: Date, durationSeconds: number): Date {
  const life = Math.min(Math.max(2000 * durationSeconds, HOUR_MS), 12 * HOUR_MS)
  return new Date(now.getTime() + life)
}
