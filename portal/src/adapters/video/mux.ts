import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import Mux from '@mux/mux-node'
import { AppError } from '#portal/platform/errors.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { readAsset, readListedAsset, readListedUpload, readRendition, readUpload } from './mux-objects.ts'
import { createStatusReader } from './mux-status.ts'
import { findSignature, readWebhook } from './mux-webhook.ts'
import { isRefusalOfOne, type VideoPort } from './port.ts'

export type MuxVideoOptions = {
  provider: 'engine' | 'mux'
  /** Origin of the REST API: INTERNAL_URL for the engine, https://api.mux.com or MUX_BASE_URL for the cloud. */
  apiOrigin: string
  tokenId: string
  tokenSecret: string
  webhookSecret: string
  /** Names this installation at the service, which others may share; 128 characters at most. */
  installation: string
  /** Origin of playlists in browsers. */
  streamOrigin: string
  /** Origin of posters and storyboards in browsers. */
  imageOrigin: string
  /** Where the service tells programs how it is. */
  statusUrl?: string | null
  /** A whole call with its retries. */
  deadlineMs?: number
}

export const MUX_CLOUD = {
  apiOrigin: 'https://api.mux.com',
  streamOrigin: 'https://stream.mux.com',
  imageOrigin: 'https://image.mux.com',
} as const

// Mux's playlists point to several hosts of its own; its upload URLs belong to Google's storage.
const MUX_MEDIA_ORIGINS = ['https://*.mux.com']
const MUX_UPLOAD_ORIGINS = ['https://storage.googleapis.com', 'https://*.mux.com']

/** Mux's own bound is the token's life, which the settings hold at 300 s or less there. */
const MUX_REVOCATION_BOUND_SECONDS = 300

/** What may be repeated is; what makes something new is tried once more at most, for an unused one does no harm. */
const REPEATABLE = { maxRetries: 2 }
const CREATES = { maxRetries: 1 }

/**
 * The video service by the official SDK: Mux's cloud, or the engine, which speaks the same API plus one extension
 * for ending sessions.
 */
export function createMuxVideo(options: MuxVideoOptions): VideoPort {
  const { provider, streamOrigin, imageOrigin, deadlineMs = 8000 } = options
  const client = new Mux({
    baseURL: options.apiOrigin,
    tokenId: options.tokenId,
    tokenSecret: options.tokenSecret,
    // Nothing may come from the environment past the settings.
    webhookSecret: null,
    jwtSigningKey: null,
    jwtPrivateKey: null,
    authorizationToken: null,
    logLevel: 'off',
    timeout: Math.min(5000, deadlineMs),
  })
  // Whoever speaks Mux's API elsewhere has its files there too: the engine, directly and not by the proxies in front.
  const fileOrigin = options.apiOrigin === MUX_CLOUD.apiOrigin ? streamOrigin : options.apiOrigin
  const outbound = createOutbound({ name: 'The video service', deadlineMs, isAnswer: isRefusalOfOne })
  const ask = <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    outbound(async (signal) => {
      try {
        return await call(signal)
      } catch (error) {
        throw refusalOf(error)
      }
    })
  const orNull = <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T | null> =>
    ask((signal) => call(signal).catch(nullWhereUnknown))
  const url = (origin: string, path: string, token: string) =>
    `${origin}/${path}?token=${encodeURIComponent(token)}`

  return {
    provider,
    revocationBoundSeconds: provider === 'engine' ? 0 : MUX_REVOCATION_BOUND_SECONDS,
    readNotice: options.statusUrl ? createStatusReader(options.statusUrl) : null,
    mediaOrigins: provider === 'engine' ? [] : MUX_MEDIA_ORIGINS,
    uploadOrigins: provider === 'engine' ? [] : MUX_UPLOAD_ORIGINS,

    async createUpload(input) {
      const body = {
        cors_origin: input.corsOrigin,
        timeout: input.timeoutSeconds,
        new_asset_settings: {
          playback_policies: ['signed' as const],
          passthrough: input.passthrough,
          meta: {
            title: input.title,
            external_id: input.passthrough,
            creator_id: options.installation,
          },
        },
      }
      const upload = await ask((signal) => client.video.uploads.create(body, { ...CREATES, signal }))
      if (!upload.url) throw new AppError('unavailable', 'The video service gave no place to upload to.')
      return { id: upload.id, url: upload.url }
    },
    async getUpload(id) {
      const upload = await orNull((signal) => client.video.uploads.retrieve(id, { ...REPEATABLE, signal }))
      return upload && readUpload(upload)
    },
    cancelUpload: (id) =>
      ask(async (signal) => {
        try {
          return (await client.video.uploads.cancel(id, { ...REPEATABLE, signal })).status === 'cancelled'
        } catch (error) {
          // 403: the last byte came first. 404: nothing is left that could be cancelled.
          if (error instanceof Mux.PermissionDeniedError || error instanceof Mux.NotFoundError) return false
          throw error
        }
      }),
    async getAsset(id) {
      const asset = await orNull((signal) => client.video.assets.retrieve(id, { ...REPEATABLE, signal }))
      return asset && readAsset(asset)
    },
    async listUploads(page, limit) {
      const listed = await ask((signal) =>
        client.video.uploads.list({ page, limit }, { ...REPEATABLE, signal }),
      )
      return listed.data.map((upload) => readListedUpload(upload, options.installation))
    },
    async listAssets(cursor, limit) {
      const listed = await ask((signal) =>
        client.video.assets.list({ limit, ...(cursor ? { cursor } : {}) }, { ...REPEATABLE, signal }),
      )
      const assets = listed.data.map((asset) => readListedAsset(asset, options.installation))
      return { assets, next: listed.next_cursor || null }
    },
    async deleteAsset(id) {
      await orNull((signal) => client.video.assets.delete(id, { ...REPEATABLE, signal }))
    },
    async setTitle(id, title) {
      const asset = await orNull((signal) => client.video.assets.retrieve(id, { ...REPEATABLE, signal }))
      if (!asset) return
      // With the mark of this installation, whether the service merges the fields or replaces them.
      const meta = { ...asset.meta, title }
      await orNull((signal) => client.video.assets.update(id, { meta }, { ...REPEATABLE, signal }))
    },
    ensureRendition: (assetId, resolution) =>
      ask(async (signal) => {
        const asset = await client.video.assets.retrieve(assetId, { ...REPEATABLE, signal })
        const files = asset.static_renditions?.files ?? []
        const known = files.find((file) => file.resolution === resolution)
        if (known) return readRendition(known)
        const body = { resolution: resolution as Mux.Video.AssetCreateStaticRenditionParams['resolution'] }
        return readRendition(
          await client.video.assets.createStaticRendition(assetId, body, { ...CREATES, signal }),
        )
      }),
    openFile: (playbackId, fileName, token) =>
      ask(async (signal) => {
        const answer = await fetchFile(url(fileOrigin, `${playbackId}/${fileName}`, token), signal)
        const length = Number(answer.headers.get('content-length') ?? Number.NaN)
        const body = Readable.fromWeb(answer.body as unknown as ReadableStream)
        return { bytes: Number.isNaN(length) ? null : length, body }
      }),
    async createPlaybackId(assetId) {
      const made = await ask((signal) =>
        client.video.assets.createPlaybackId(assetId, { policy: 'signed' }, { ...CREATES, signal }),
      )
      return made.id
    },
    async deletePlaybackId(assetId, playbackId) {
      await orNull((signal) =>
        client.video.assets.deletePlaybackId(assetId, playbackId, { ...REPEATABLE, signal }),
      )
    },
    async createSigningKey() {
      const key = await ask((signal) => client.system.signingKeys.create({ ...CREATES, signal }))
      return { id: key.id, privateKey: Buffer.from(key.private_key ?? '', 'base64').toString('utf8') }
    },
    async deleteSigningKey(id) {
      await orNull((signal) => client.system.signingKeys.delete(id, { ...REPEATABLE, signal }))
    },
    async revokeSessions(playbackId, sessions) {
      if (provider !== 'engine' || sessions.length === 0) return
      const body = { playback_id: playbackId, sessions }
      await ask((signal) =>
        client.post('/video/v1/playback-sessions/revoke', { body, ...REPEATABLE, signal }),
      )
    },
    async verifyWebhook(rawBody, signatureHeader, now) {
      const signature = findSignature(rawBody, signatureHeader, options.webhookSecret, now)
      return signature && { ...readWebhook(rawBody, now), signature }
    },
    playbackUrl: (id, token) => url(streamOrigin, `${id}.m3u8`, token),
    posterUrl: (id, token) => url(imageOrigin, `${id}/thumbnail.jpg`, token),
    storyboardUrl: (id, token) => url(imageOrigin, `${id}/storyboard.vtt`, token),
  }
}

function nullWhereUnknown(error: unknown): null {
  if (error instanceof Mux.NotFoundError) return null
  throw error
}

/** A service that answers, and refuses: told apart from one that can't be reached, by its status. */
function refusalOf(error: unknown): unknown {
  const status = error instanceof Mux.APIError ? error.status : undefined
  if (status === undefined || status >= 500 || status === 408 || status === 429) return error
  const refused = new AppError('unavailable', `The video service refused the request (HTTP ${status}).`)
  refused.cause = error
  return refused
}

/** The deadline is for the answer to begin; how long its body takes is its reader's. */
async function fetchFile(url: string, signal: AbortSignal): Promise<Response> {
  const controller = new AbortController()
  const stop = () => controller.abort(signal.reason)
  signal.addEventListener('abort', stop)
  try {
    const answer = await fetch(url, { signal: controller.signal, redirect: 'error' })
    if (answer.ok && answer.body) return answer
    await answer.body?.cancel()
    throw new AppError('unavailable', `The video service refused a file (HTTP ${answer.status}).`)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
