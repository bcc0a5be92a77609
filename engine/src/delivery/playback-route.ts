import type { ImageFormat } from '#engine/media/images.ts'

/** A request for something under a playback ID. `session` is the signed part of the path. */
export type PlaybackRoute =
  | { kind: 'master' }
  | { kind: 'playlist'; session: string; signature: string; rendition: string }
  | { kind: 'object'; session: string; signature: string; rendition: string; file: string }
  | { kind: 'thumbnail'; format: ImageFormat }
  | { kind: 'storyboard'; format: ImageFormat | 'vtt' | 'json' }
  | { kind: 'unknown' }

const PLAYBACK = /^\/([A-Za-z0-9]{44})(\.m3u8|\/[^?#]*)(?:\?([^#]*))?$/
const SESSION =
  /^\/([A-Za-z0-9_-]{22,64})\.([A-Za-z0-9_-]{43})\/([a-z0-9-]{1,32})(?:\.m3u8|\/(init\.mp4|(?:0|[1-9]\d{0,5})\.m4s))$/
const IMAGE = /^\/(?:(thumbnail)\.(jpg|png|webp)|(storyboard)\.(jpg|png|webp|vtt|json))$/

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
  const media = SESSION.exec(path)
  if (media) {
    const [, session, signature, rendition, file] = media as unknown as [
      string,
      string,
      string,
      string,
      string?,
    ]
    return file
      ? { kind: 'object', session, signature, rendition, file }
      : { kind: 'playlist', session, signature, rendition }
  }
  const image = IMAGE.exec(path)
  if (image?.[1]) return { kind: 'thumbnail', format: image[2] as ImageFormat }
  if (image?.[3]) return { kind: 'storyboard', format: image[4] as ImageFormat | 'vtt' | 'json' }
  return { kind: 'unknown' }
}
