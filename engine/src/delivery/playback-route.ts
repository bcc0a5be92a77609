import { FILE_NAME } from '#engine/assets/static-renditions/file-names.ts'
import type { AnimatedFormat, ImageFormat } from '#engine/media/images.ts'

/** What a rendition's playlist lists: it whole, it while it grows and after, its keyframes alone. */
export type PlaylistView = 'vod' | 'event' | 'iframes'

/** A request for something under a playback ID. `session` is the signed part of the path. */
export type PlaybackRoute =
  | { kind: 'master' }
  | { kind: 'playlist'; session: string; signature: string; rendition: string; view: PlaylistView }
  | { kind: 'object'; session: string; signature: string; rendition: string; file: string }
  | { kind: 'text_playlist'; session: string; signature: string; trackId: string }
  | { kind: 'text_piece'; session: string; signature: string; trackId: string; index: number }
  | { kind: 'text'; trackId: string; format: 'vtt' | 'txt' }
  | { kind: 'file'; name: string }
  | { kind: 'thumbnail'; format: ImageFormat }
  | { kind: 'animated'; format: AnimatedFormat }
  | { kind: 'storyboard'; format: ImageFormat | 'vtt' | 'json' }
  | { kind: 'unknown' }

const PLAYBACK = /^\/([A-Za-z0-9]{44})(\.m3u8|\/[^?#]*)(?:\?([^#]*))?$/
// `redundant/` is a second path to the same things.
const SESSION = /^\/([A-Za-z0-9_-]{22,64})\.([A-Za-z0-9_-]{43})\/(?:redundant\/)?(.+)$/
const NUMBER = '0|[1-9]\\d{0,5}'
const TEXT_PIECE = new RegExp(`^text/([A-Za-z0-9]{1,64})(?:\\.m3u8|/(${NUMBER})\\.vtt)$`)
const RENDITION = new RegExp(
  `^([A-Za-z0-9-]{1,64})(?:\\.m3u8|/(event|iframes)\\.m3u8|/(init\\.mp4|(?:${NUMBER})\\.m4s))$`,
)
const TEXT = /^\/text\/([A-Za-z0-9]{1,64})\.(vtt|txt)$/
const IMAGE = /^\/(thumbnail|storyboard|animated)\.([a-z]{3,4})$/
const IMAGE_FORMATS = {
  thumbnail: ['jpg', 'png', 'webp'],
  animated: ['gif', 'webp'],
  storyboard: ['jpg', 'png', 'webp', 'vtt', 'json'],
} as const

/**
 * Reads a request target. Null unless it begins with a playback ID (44 letters and digits), so that every
 * other path of the origin stays free.
 */
export function parsePlaybackUrl(
  url: string,
): { playbackId: string; route: PlaybackRoute; query: string } | null {
  const match = PLAYBACK.exec(url)
  if (!match) return null
  const [, playbackId, rest, query = ''] = match as unknown as [string, string, string, string?]
  return { playbackId, route: rest === '.m3u8' ? { kind: 'master' } : routeOf(rest), query }
}

function routeOf(path: string): PlaybackRoute {
  const below = SESSION.exec(path)
  if (below) return sessionRoute(below[1]!, below[2]!, below[3]!)
  if (FILE_NAME.test(path.slice(1))) return { kind: 'file', name: path.slice(1) }
  const text = TEXT.exec(path)
  if (text) return { kind: 'text', trackId: text[1]!, format: text[2] as 'vtt' | 'txt' }
  const [, kind, format] = (IMAGE.exec(path) ?? []) as [string?, (keyof typeof IMAGE_FORMATS)?, string?]
  const known = kind && (IMAGE_FORMATS[kind] as readonly string[]).includes(format!)
  return known ? ({ kind, format } as PlaybackRoute) : { kind: 'unknown' }
}

function sessionRoute(session: string, signature: string, path: string): PlaybackRoute {
  const [, rendition, view, file] = RENDITION.exec(path) ?? []
  if (rendition && file) return { kind: 'object', session, signature, rendition, file }
  if (rendition)
    return { kind: 'playlist', session, signature, rendition, view: (view as PlaylistView) ?? 'vod' }
  const [, trackId, index] = TEXT_PIECE.exec(path) ?? []
  if (trackId && index) return { kind: 'text_piece', session, signature, trackId, index: Number(index) }
  return trackId ? { kind: 'text_playlist', session, signature, trackId } : { kind: 'unknown' }
}
