import type { IncomingMessage, ServerResponse } from 'node:http'

/** Why a request was refused, for the embedding product's alerts; never holds a token or a session URL. */
export type RefusalReason =
  | 'no_token'
  | 'malformed_token'
  | 'unknown_key'
  | 'bad_signature'
  | 'expired'
  | 'wrong_subject'
  | 'wrong_audience'
  | 'restricted'
  | 'revoked'
  /** The token was made for another browser. */
  | 'replayed'
  | 'bad_session_signature'
  | 'session_ended'

export type Refusal = {
  playbackId: string
  /** video: playlists, segments and text. */
  resource: 'video' | 'thumbnail' | 'animated' | 'storyboard'
  reason: RefusalReason
  remoteAddress: string | null
  at: Date
}

const TYPES = {
  400: 'invalid_parameters',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  412: 'precondition_failed',
  500: 'internal_error',
  503: 'unavailable',
} as const
export type PlaybackStatus = keyof typeof TYPES

const MESSAGES: Record<PlaybackStatus, string> = {
  400: 'A parameter is malformed.',
  403: 'Not allowed.',
  404: 'Not found.',
  405: 'Only GET and HEAD are allowed.',
  412: 'This video is not ready yet.',
  500: 'Something went wrong.',
  503: 'Too busy right now, try again.',
}

/** Ends a request with an error that the player can tell by its status. */
export class PlaybackError extends Error {
  readonly status: PlaybackStatus
  readonly reason: RefusalReason | null

  constructor(status: PlaybackStatus, reason: RefusalReason | null = null) {
    super(MESSAGES[status])
    this.name = 'PlaybackError'
    this.status = status
    this.reason = reason
  }
}

export const refuse = (reason: RefusalReason) => new PlaybackError(403, reason)

/** On every answer: any page may play, nobody may keep what was signed for somebody. */
const COMMON = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Content-Length, Content-Range, ETag',
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export function commonHeaders(isPublic: boolean): Record<string, string> {
  return isPublic ? PUBLIC : SIGNED
}
const SIGNED = { ...COMMON, 'cache-control': 'private, no-store' }
const PUBLIC = { ...COMMON, 'cache-control': 'public, max-age=3600' }

export function sendPlaybackError(req: IncomingMessage, res: ServerResponse, error: PlaybackError): void {
  const { status } = error
  // Mux's document wants a code beside the message (3 and 5 are its own: gRPC's), older players and SDKs the error.
  const { message } = error
  const code = status === 400 ? 3 : status === 404 ? 5 : status
  const body = JSON.stringify({ code, message, error: { type: TYPES[status], message, messages: [message] } })
  res.writeHead(status, {
    ...SIGNED,
    ...(status === 405 ? { allow: 'GET, HEAD, OPTIONS' } : {}),
    ...(status === 503 ? { 'retry-after': '2' } : {}),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  res.end(req.method === 'HEAD' ? undefined : body)
}

export function sendPreflight(res: ServerResponse): void {
  res.writeHead(204, {
    ...COMMON,
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-allow-headers': 'Range, If-None-Match, If-Range, Content-Type',
    'access-control-max-age': '86400',
  })
  res.end()
}

/** A small text made for this request: a playlist, cues, JSON. */
export function sendText(
  req: IncomingMessage,
  res: ServerResponse,
  type: string,
  text: string,
  isPublic: boolean,
): void {
  const length = Buffer.byteLength(text)
  res.writeHead(200, {
    ...commonHeaders(isPublic),
    // What lists other things is asked for again soon, so that what was taken away is not shown for long.
    ...(isPublic ? { 'cache-control': 'public, max-age=60' } : {}),
    'content-type': type,
    'content-length': length,
  })
  res.end(req.method === 'HEAD' ? undefined : text)
}
