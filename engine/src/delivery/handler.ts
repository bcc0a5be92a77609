import type { IncomingMessage, ServerResponse } from 'node:http'
import { type MasterLink, parseMasterUrl } from '#engine/assets/master-access/master-url.ts'
import { createAnsweringPool } from '#engine/delivery/answering-pool.ts'
import { PlaybackError, type Refusal, sendPlaybackError, sendPreflight } from '#engine/delivery/answers.ts'
import { authorise } from '#engine/delivery/authorise.ts'
import { createCatalogue } from '#engine/delivery/catalogue.ts'
import type { Delivery, DeliveryParts } from '#engine/delivery/delivery-port.ts'
import { createFastSegments } from '#engine/delivery/fast-segments.ts'
import { createFileRequests } from '#engine/delivery/file-requests.ts'
import { createHandOver } from '#engine/delivery/hand-over.ts'
import { createImageRequests } from '#engine/delivery/image-requests.ts'
import { createMediaRequests } from '#engine/delivery/media-requests.ts'
import { createOpenAnswers } from '#engine/delivery/open-answers.ts'
import { type PlaybackRoute, parsePlaybackUrl } from '#engine/delivery/playback-route.ts'
import { createRenditionPlaylists } from '#engine/delivery/rendition-playlists.ts'
import { createSegmentCache, SEGMENT_CACHE_BYTES } from '#engine/delivery/segment-cache.ts'
import type { ObjectSource } from '#engine/delivery/send-object.ts'
import { createSessionAccess } from '#engine/delivery/session-access.ts'
import { createSessionUrls } from '#engine/delivery/session-url.ts'
import { createSessions } from '#engine/delivery/sessions.ts'
import { createTextRequests } from '#engine/delivery/text-requests.ts'
import { PLAYBACK_CHANNEL } from '#engine/platform/playback-session-id.ts'
import { storageTrouble } from '#engine/storage/port.ts'

/**
 * Playback and images on raw node:http: master playlists against a JWT, everything below them against a
 * revocable session, images against a JWT each time.
 */
export function createDelivery(parts: DeliveryParts): Delivery {
  const pool = createAnsweringPool(parts.pool)
  const catalogue = createCatalogue(pool)
  const sessions = createSessions(pool)
  const answers = createOpenAnswers(parts.answerLimits)
  const source: ObjectSource = {
    storage: parts.storage,
    cache: createSegmentCache(parts.segmentCacheBytes ?? SEGMENT_CACHE_BYTES),
    answers,
    served: parts.served,
    ...(parts.sentBy ? { handOver: createHandOver(parts.sentBy, parts.storage, parts.served) } : {}),
  }
  const fast = createFastSegments({ catalogue, sessions, source, clock: parts.clock })
  const urls = createSessionUrls(parts.sessionSecret)
  const access = createSessionAccess({ urls, sessions, catalogue, clock: parts.clock })
  const playlists = createRenditionPlaylists(catalogue)
  const media = createMediaRequests({
    ...parts,
    ...source,
    fast,
    catalogue,
    sessions,
    urls,
    access,
    playlists,
  })
  const images = createImageRequests({ ...parts, ...source, catalogue, playlists })
  const texts = createTextRequests({ storage: parts.storage, access, playlists })

  const files = createFileRequests({ ...parts, ...source, pool })

  const forget = (playbackId: string) => {
    const assetId = catalogue.assetOf(playbackId)
    catalogue.forget(playbackId)
    sessions.forget(playbackId)
    playlists.forget(playbackId)
    if (assetId) source.cache.evict(`assets/${assetId}/`)
    if (playbackId === '*') source.cache.evict('')
  }
  parts.session.listen(PLAYBACK_CHANNEL, forget)

  async function answer(req: IncomingMessage, res: ServerResponse, target: Target): Promise<void> {
    const { playbackId, route, query } = target
    if (route.kind === 'object') return media.object(req, res, playbackId, route)
    if (route.kind === 'playlist') return media.playlist(req, res, playbackId, route)
    if (route.kind === 'text_playlist' || route.kind === 'text_piece')
      return texts.inSession(req, res, playbackId, route)
    if (route.kind === 'whole_master') return files.master(req, res, route.link)
    if (route.kind === 'unknown') throw new PlaybackError(404)
    const grant = await authorise({
      ...{ catalogue, now: parts.clock(), playbackId, kind: route.kind, query },
      headers: req.headers,
    })
    if (!grant.playable.ready) throw new PlaybackError(412)
    if (route.kind === 'master') return media.master(req, res, grant)
    if (route.kind === 'file') return files.staticRendition(req, res, grant, route.name, query)
    if (route.kind === 'text') return texts.whole(req, res, grant, route)
    if (route.kind === 'thumbnail') return images.thumbnail(req, res, grant, route.format)
    if (route.kind === 'animated') return images.animated(req, res, grant, route.format)
    return images.storyboard(req, res, grant, route.format)
  }

  function fail(req: IncomingMessage, res: ServerResponse, target: Target, error: unknown): void {
    const known =
      error instanceof PlaybackError ? error : new PlaybackError(storageTrouble(error) ? 503 : 500)
    if (known !== error) parts.log.error({ err: error, kind: target.route.kind }, 'a playback request failed')
    if (known.reason && target.playbackId !== '') {
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

  function begin(req: IncomingMessage, res: ServerResponse, target: Target): void {
    if (req.method === 'OPTIONS') sendPreflight(res)
    else if (req.method !== 'GET' && req.method !== 'HEAD')
      sendPlaybackError(req, res, new PlaybackError(405))
    else answer(req, res, target).catch((error) => fail(req, res, target, error))
  }

  return {
    handle(req, res) {
      if (fast.answer(req, res)) return true
      const target = parsePlaybackUrl(req.url ?? '') ?? masterTarget(req.url ?? '')
      if (!target) return false
      if (answers.begin(res)) begin(req, res, target)
      else sendPlaybackError(req, res, new PlaybackError(503))
      return true
    },
    forget,
    async stop() {
      images.stop()
      answers.stop()
    },
  }
}

type Target = { playbackId: string; route: PlaybackRoute | MasterRoute; query: string }
type MasterRoute = { kind: 'whole_master'; link: MasterLink }

/** Masters are an asset's, whatever playback IDs it has. */
function masterTarget(url: string): Target | null {
  const link = parseMasterUrl(url)
  return link && { playbackId: '', route: { kind: 'whole_master', link }, query: '' }
}

function resourceOf(route: Target['route']): Refusal['resource'] {
  const images = ['thumbnail', 'animated', 'storyboard'] as const
  return images.find((kind) => kind === route.kind) ?? 'video'
}
