import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * The secret part of an upload's URL. It follows from the engine's own secret, so that GET /uploads/{id} can show the
 * URL while the database holds only a hash. 256 bits, base64url.
 */
export function uploadSecret(sessionSecret: string, uploadId: string): string {
  return createHmac('sha256', sessionSecret).update(`upload-url\n${uploadId}`).digest('base64url')
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Compares in constant time. */
export function secretMatches(secret: string, hash: Buffer): boolean {
  const given = hashSecret(secret)
  return given.length === hash.length && timingSafeEqual(given, hash)
}

/** `/upload/{id}.{secret}`, or null for any other path. */
export function parseUploadPath(pathname: string): { id: string; secret: string } | null {
  const match = /^\/upload\/([A-Za-z0-9]{20,64})\.([A-Za-z0-9_-]{43})$/.exec(pathname)
  return match ? { id: match[1]!, secret: match[2]! } : null
}
