import { createHmac, timingSafeEqual } from 'node:crypto'

/** Signs and checks the session part of rendition and segment URLs. */
export type SessionUrls = {
  /** `<session>.<signature>`, base64url both. */
  sign(playbackId: string, sessionId: string): string
  verify(playbackId: string, sessionId: string, signature: string): boolean
}

const MOST_KNOWN = 20_000

/**
 * HMAC-SHA256 over the playback ID and the session, so that a URL neither fits another video nor can be
 * guessed. Signatures once found right are remembered, for each segment asks again.
 */
export function createSessionUrls(secret: string): SessionUrls {
  const known = new Map<string, string>()
  const signature = (playbackId: string, sessionId: string) =>
    createHmac('sha256', secret).update(`${playbackId}\n${sessionId}`).digest('base64url')
  return {
    sign: (playbackId, sessionId) => `${sessionId}.${signature(playbackId, sessionId)}`,
    verify(playbackId, sessionId, given) {
      const name = `${playbackId}${sessionId}`
      const expected = known.get(name) ?? signature(playbackId, sessionId)
      const right =
        expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given))
      if (right && !known.has(name)) {
        if (known.size >= MOST_KNOWN) known.clear()
        known.set(name, expected)
      }
      return right
    },
  }
}
