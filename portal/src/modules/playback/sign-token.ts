import { SignJWT } from 'jose'
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
}

/** RS256, `kid` in header and payload as the SDK's old and new majors expect it. */
export async function signToken(key: SigningKey, claims: TokenClaims): Promise<string> {
  return await new SignJWT({
    sub: claims.playbackId,
    aud: claims.audience,
    kid: key.id,
    jti: claims.tokenId,
    exp: Math.floor(claims.expiresAt.getTime() / 1000),
    ...(claims.session ? { session: claims.session } : {}),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.id })
    .sign(key.privateKey)
}
