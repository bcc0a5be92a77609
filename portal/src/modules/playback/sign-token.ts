import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { SigningKey } from './signing-key.ts'

/** What a token opens: video, thumbnails, storyboard (the audiences of Mux's signed URLs). */
export type Audience = 'v' | 't' | 's'

export type TokenClaims = {
  playbackId: string
  audience: Audience
  expiresAt: Date
  /** Names the token in the log; the token itself is never written down. */
  tokenId: string
  /** One playback of one viewer: newer tokens with the same claim renew it. */
  session?: string
  /** SHA-256, base64url, of a cookie that each request with this token must carry. */
  client?: string | null
  /** The highest rendition that is listed, such as `720p`; null for all. A parameter of Mux's, read by the engine too. */
  maxResolution?: string | null
}

// The callback form signs in the thread pool, and the KeyObject is used as it is: this is the hot path.
const signInPool = promisify(sign)

/** RS256 in compact form (RFC 7515, 7519); `kid` in header and payload as the SDK's old and new majors expect it. */
export async function signToken(key: SigningKey, claims: TokenClaims): Promise<string> {
  const header = encode({ alg: 'RS256', typ: 'JWT', kid: key.id })
  const payload = encode({
    sub: claims.playbackId,
    aud: claims.audience,
    kid: key.id,
    jti: claims.tokenId,
    exp: Math.floor(claims.expiresAt.getTime() / 1000),
    ...(claims.session ? { session: claims.session } : {}),
    ...(claims.client ? { client: claims.client } : {}),
    ...(claims.maxResolution ? { max_resolution: claims.maxResolution } : {}),
  })
  const signature = await signInPool('RSA-SHA256', Buffer.from(`${header}.${payload}`), key.privateKey)
  return `${header}.${payload}.${signature.toString('base64url')}`
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
