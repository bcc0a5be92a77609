import type { IncomingMessage, ServerResponse } from 'node:http'
import { PlaybackError, type Refusal, sendPlaybackError, sendPreflight } from '#engine/delivery/answers.ts'
import { authorise } from '#engine/delivery/authorise.ts'
import { createCatalogue } from '#engine/delivery/catalogue.ts'
import type { Delivery, DeliveryParts } from '#engine/delivery/delivery-port.ts'
import { createImageRequests } from '#engine/delivery/image-requests.ts'
import { createMediaRequests } from '#engine/delivery/media-requests.ts'
import { type PlaybackRoute, parsePlaybackUrl } from '#engine/delivery/playback-route.ts'
import { createSegmentCache } from '#engine/delivery/segment-cache.ts'
import { createSessions } from '#engine/delivery/sessions.ts'
import { PLAYBACK_CHANNEL } from '#engine/platform/playback-session-id.ts'
import { storageTrouble } from '#engine/storage/port.ts'

const SEGMENT_CACHE_BYTES = 256 * 1024 * 1024

/**
 * Playback and images on raw node:http: master playlists against a JWT, everything below them against a
 * revocable session, images against a JWT each time.
 */
export function createDelivery(parts: DeliveryParts): Delivery {
  const catalogue = createCatalogue(parts.pool)
  const sessions = createSessions(parts.pool)
  const cache = createSegmentCache(parts.segmentCacheBytes ?? SEGMENT_CACHE_BYTES)
  const media = createMediaRequests({ ...parts, catalogue, sessions, cache })
  const images = createImageRequests({ ...parts, catalogue, cache })

  const forget = (playbackId: string) => {
    const assetId = catalogue.assetOf(playbackId)
    catalogue.forget(playbackId)
    sessions.forget(playbackId)
    media.forget(playbackId)
    if (assetId) cache.evict(`assets/${assetId}/`)
    if (playbackId === '*') cache.evict('')
  }
  parts.session.listen(PLAYBACK_CHANNEL, forget)

  async function answer(req: IncomingMessage, res: ServerResponse, target: Target): Promise<void> {
    const { playbackId, route, query } = target
    if (route.kind === 'object') return media.object(req, res, playbackId, route)
    if (route.kind === 'playlist') return media.playlist(req, res, playbackId, route)
    if (route.kind === 'unknown') throw new PlaybackError(404)
    const grant = await authorise({ catalogue, now: parts.clock(), playbackId, kind: route.kind, query })
    const { playable, parameters, token } = grant
    if (!playable.ready) throw new PlaybackError(412)
    if (route.kind === 'master') return media.master(req, res, grant)
    if (route.kind === 'thumbnail') return images.thumbnail(req, res, playable, parameters, route.format)
    return images.storyboard(req, res, playable, parameters, token, route.format)
  }

  function fail(req: IncomingMessage, res: ServerResponse, target: Target, error: unknown): void {
    const known =
      error instanceof PlaybackError ? error : new PlaybackError(storageTrouble(error) ? 503 : 500)
    if (known !== error) parts.log.error({ err: error, kind: target.route.kind }, 'a playback request failed')
    if (known.reason) {
      const refusal: Refusal = {
        playbackId: target.playbackId,
        resource: resourceOf(target.route),
        reason: known.reason,
        remoteAddress: req.socket.remoteAddress ?? null,
        at: parts.clock(),
      }
      parts.onRefused?.(refusal)
    }
    if (res.headersSent) res.destroy()
    else sendPlaybackError(req, res, known)
  }

  return {
    handle(req, res) {
      const target = parsePlaybackUrl(req.url ?? '')
      if (!target) return false
      if (req.method === 'OPTIONS') sendPreflight(res)
      else if (req.method !== 'GET' && req.method !== 'HEAD')
        sendPlaybackError(req, res, new PlaybackError(405))
      else if (!media.hot(req, res, target))
        answer(req, res, target).catch((error) => fail(req, res, target, error))
      return true
    },
    forget,
    async stop() {
      images.stop()
    },
  }
}

type Target = { playbackId: string; route: PlaybackRoute; query: string }

function resourceOf(route: PlaybackRoute): Refusal['resource'] {
  return route.kind === 'thumbnail' || route.kind === 'storyboard' ? route.kind : 'video'
}
