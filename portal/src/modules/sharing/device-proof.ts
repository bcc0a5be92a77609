import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import { z } from 'zod'

/** How far a proof's `iat` may lie from the server's clock: pages correct theirs by the Date header of each answer. */
const WINDOW_MS = 60_000

const proofClaims = z.object({
  jti: z.string().min(16).max(64),
  htm: z.string(),
  htu: z.string(),
  /** Seconds with a fraction: the order of one device's proofs is told by it. */
  iat: z.number().positive(),
})

/** A device that has proved to hold its key, and when it said so. */
export type Device = { thumbprint: string; at: Date }

/**
 * Verifies a proof of possession in the shape of RFC 9449 (typ dpop+jwt, ES256, public key in the header), made for one
 * POST to one URL. Null for anything else: without a proof, with one for something else, from another time.
 */
export async function proveDevice(
  proof: string | undefined,
  expected: { url: string; now: Date },
): Promise<Device | null> {
  if (!proof) return null
  const verified = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] }).catch(
    () => null,
  )
  const claims = proofClaims.safeParse(verified?.payload)
  if (!verified || !claims.success) return null
  const { htm, htu, iat } = claims.data
  const at = new Date(Math.round(iat * 1000))
  if (htm !== 'POST' || htu !== expected.url) return null
  if (Math.abs(at.getTime() - expected.now.getTime()) > WINDOW_MS) return null
  return { thumbprint: await calculateJwkThumbprint(verified.protectedHeader.jwk as JWK), at }
}

/** The URL that a proof is made for: the one that the browser posts to. */
export const proofUrl = (publicUrl: string, token: string, step: '' | '/verify' | '/download') =>
  `${publicUrl}/api/share/${encodeURIComponent(token)}${step}`
