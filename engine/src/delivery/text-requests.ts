import type { IncomingMessage, ServerResponse } from 'node:http'
import { PlaybackError, sendText } from '#engine/delivery/answers.ts'
import type { Playable } from '#engine/delivery/catalogue.ts'
import { readClip } from '#engine/delivery/clip.ts'
import { createFreshCache } from '#engine/delivery/fresh-cache.ts'
import { textPlaylist } from '#engine/delivery/media-playlists.ts'
import type { PlaybackRoute } from '#engine/delivery/playback-route.ts'
import type { RenditionPlaylists } from '#engine/delivery/rendition-playlists.ts'
import type { SessionAccess } from '#engine/delivery/session-access.ts'
import { clippedText, pieceDurations, textPiece } from '#engine/delivery/text-segments.ts'
import { transcriptOf } from '#engine/media/captions/write-vtt.ts'
import type { StoragePort } from '#engine/storage/port.ts'

type TextRoute = Extract<PlaybackRoute, { kind: 'text_playlist' | 'text_piece' }>

const FRESH_MS = 10_000
const MOST_TEXTS = 50
export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const VTT_TYPE = 'text/vtt; charset=utf-8'

/** Text tracks: as playlists and pieces within a session, and whole beside it. */
export function createTextRequests(parts: {
  storage: StoragePort
  access: SessionAccess
  playlists: RenditionPlaylists
}) {
  const texts = createFreshCache<string>(FRESH_MS, MOST_TEXTS)

  async function read(playable: Playable, trackId: string): Promise<string> {
    const track = playable.texts.find(({ id }) => id === trackId)
    if (!track) throw new PlaybackError(404)
    const text = await texts.get(track.key, async () => {
      const bytes = await parts.storage.readAll(track.key)
      return bytes?.toString('utf8') ?? null
    })
    if (text === null) throw new PlaybackError(404)
    return text
  }

  return {
    async inSession(req: IncomingMessage, res: ServerResponse, playbackId: string, route: TextRoute) {
      const { playable, clip } = await parts.access(playbackId, route)
      const text = await read(playable, route.trackId)
      const shown = await parts.playlists.shown(playable, clip)
      if (route.kind === 'text_playlist') {
        const playlist = textPlaylist(route.trackId, pieceDurations(shown))
        return sendText(req, res, PLAYLIST_TYPE, playlist, playable.isPublic)
      }
      const piece = textPiece(text, shown, route.index)
      if (piece === null) throw new PlaybackError(404)
      sendText(req, res, VTT_TYPE, piece, playable.isPublic)
    },

    /** `/text/<track id>.vtt` and `.txt`; of a clip only what is said in it. */
    async whole(
      req: IncomingMessage,
      res: ServerResponse,
      grant: { playable: Playable; parameters: Record<string, string> },
      route: Extract<PlaybackRoute, { kind: 'text' }>,
    ) {
      const { playable } = grant
      const clip = readClip(grant.parameters, playable.durationSeconds)
      const stored = await read(playable, route.trackId)
      const text = clip ? clippedText(stored, await parts.playlists.shown(playable, clip)) : stored
      if (route.format === 'vtt') sendText(req, res, VTT_TYPE, text, playable.isPublic)
      else sendText(req, res, 'text/plain; charset=utf-8', transcriptOf(text), playable.isPublic)
    },
  }
}
