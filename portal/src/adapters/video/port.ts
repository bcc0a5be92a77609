import type { Readable } from 'node:stream'
import { isAppError } from '#portal/platform/errors.ts'

/** What the portal needs of a video service; words and states are Mux's. Implemented once, on the official SDK. */
export type VideoAsset = {
  id: string
  status: 'preparing' | 'ready' | 'errored'
  /** False while the ladder is still being made; the asset already plays. */
  complete: boolean
  /** 0–100, or null where the service does not tell. */
  progressPercent: number | null
  uploadId: string | null
  passthrough: string | null
  durationSeconds: number | null
  /** "16:9" */
  aspectRatio: string | null
  /** "1080p" */
  resolutionTier: string | null
  /** The first playback ID with the signed policy. */
  playbackId: string | null
  /** Playback IDs that play without a token. There must be none. */
  publicPlaybackIds: string[]
  /** A sentence for people, where status is errored, and its kind: the engine's own word, or else Mux's type. */
  error: string | null
  errorCode: string | null
}

export type VideoUpload = {
  id: string
  status: 'waiting' | 'asset_created' | 'errored' | 'cancelled' | 'timed_out'
  assetId: string | null
  /** Bytes that are safely stored, and of how many; null where the service does not tell. */
  receivedBytes: number | null
  totalBytes: number | null
  /**
   * SHA-256 of the whole file as the service received it, hexadecimal, null until it is known. Null altogether where
   * the service computes none, as Mux's cloud.
   */
  checksum: { sha256: string | null } | null
  error: string | null
  errorCode: string | null
}

/** A track of an asset, in Mux's words. */
export type VideoTrack = {
  id: string
  type: 'video' | 'audio' | 'text'
  status: 'preparing' | 'ready' | 'errored' | 'deleted'
  languageCode: string | null
  name: string | null
}

/** An asset as the service lists it. */
export type ListedAsset = VideoAsset & {
  createdAt: Date
  /** It carries the mark that this installation leaves on whatever it has made. */
  ours: boolean
  signedPlaybackIds: string[]
  tracks: VideoTrack[]
}

/** An upload as the service lists it. */
export type ListedUpload = VideoUpload & { passthrough: string | null; ours: boolean }

export type WebhookEvent = {
  id: string
  type: string
  createdAt: Date
  objectType: string
  objectId: string
  /** The object as the service sent it. */
  data: Record<string, unknown>
}

/** An event whose signature holds. */
export type VerifiedEvent = WebhookEvent & {
  /** Of this very request, 32 bytes: another delivery of the same event is signed at another second. */
  signature: Buffer
}

/** A whole file of a video, as people take it away. */
export type Rendition =
  | { status: 'ready'; fileName: string }
  | { status: 'preparing' }
  /** The source is smaller, or has nothing of the kind. */
  | { status: 'impossible' }

/** Every call has a deadline; failures are AppError('unavailable') once retries are spent. Unknown IDs are null. */
/** What a service says of itself on its status page. */
export type ServiceNotice = { well: boolean; grave: boolean; says: string; incidents: number }

export type VideoPort = {
  readonly provider: 'engine' | 'mux'
  /** Seconds that media may stay reachable after a revoke, beyond the request itself: 0 on the engine. */
  readonly revocationBoundSeconds: number
  /** Reads the service's status page; null where it has none. */
  readonly readNotice: (() => Promise<ServiceNotice>) | null
  createUpload(input: {
    corsOrigin: string
    passthrough: string
    timeoutSeconds: number
    title: string
  }): Promise<{ id: string; url: string }>
  getUpload(id: string): Promise<VideoUpload | null>
  /** True if it is cancelled now; false if it is too late. */
  cancelUpload(id: string): Promise<boolean>
  getAsset(id: string): Promise<VideoAsset | null>
  /** Uploads, newest first, from page 1 on; a page past the end is empty. */
  listUploads(page: number, limit: number): Promise<ListedUpload[]>
  /** Assets that exist, newest first, from a cursor on; `next` is null at the end. */
  listAssets(cursor: string | null, limit: number): Promise<{ assets: ListedAsset[]; next: string | null }>
  /** Idempotent: an asset that is gone already is fine. */
  deleteAsset(id: string): Promise<void>
  /** What the service calls it, for people who look there; an asset that is gone is fine. */
  setTitle(id: string, title: string): Promise<void>
  /** A static rendition in Mux's words ("highest", "720p", "audio-only"), ordered where there is none yet. */
  ensureRendition(assetId: string, resolution: string): Promise<Rendition>
  /** The bytes of a static rendition; they come as fast as they are read. `bytes` is null where it is not told. */
  openFile(
    playbackId: string,
    fileName: string,
    token: string,
  ): Promise<{ bytes: number | null; body: Readable }>
  /** A playback ID with the signed policy. */
  createPlaybackId(assetId: string): Promise<string>
  /** Idempotent. */
  deletePlaybackId(assetId: string, playbackId: string): Promise<void>
  /** `privateKey` is a PEM (PKCS#1), given this once. */
  createSigningKey(): Promise<{ id: string; privateKey: string }>
  /** Idempotent. */
  deleteSigningKey(id: string): Promise<void>
  /** Ends running playback sessions by their `session` claims. Does nothing where the service has no such thing. */
  revokeSessions(playbackId: string, sessions: string[]): Promise<void>
  /**
   * Signature over the raw body (300 s past and future); null where it does not verify.
   * @throws AppError('invalid') where it verifies and still is no event
   */
  verifyWebhook(rawBody: string, signatureHeader: string | null, now: Date): Promise<VerifiedEvent | null>
  playbackUrl(playbackId: string, token: string): string
  posterUrl(playbackId: string, token: string): string
  storyboardUrl(playbackId: string, token: string): string
  /** Origins that a page must be allowed to fetch media from, beside its own. */
  readonly mediaOrigins: string[]
  /** Origins that a page must be allowed to send uploads to, beside its own. */
  readonly uploadOrigins: string[]
}

/** Statuses that are about the service or our access token, not about what was asked for. */
const ABOUT_ALL = [401, 408, 429]

/** Whether the service answered and refused this one request, which says nothing of the next one. */
export function isRefusalOfOne(error: unknown): boolean {
  if (!isAppError(error) || !(error.cause instanceof Error) || !('status' in error.cause)) return false
  const status = Number(error.cause.status)
  return status >= 400 && status < 500 && !ABOUT_ALL.includes(status)
}
