import { createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { refuse } from '#engine/delivery/answers.ts'
import { isCanonicalJws, verifyJws } from '#engine/delivery/jws.ts'

/** What a verified token says. `parameters` are the other claims: they stand in for query parameters. */
export type PlaybackClaims = {
  keyId: string
  expiresAt: Date
  /** What else must hold of a request: see playback-restrictions/rules.ts. */
  restrictionId: string | null
  /** One viewer's playback, chosen by whoever signs; renewed tokens carry the same. */
  session: string | null
  /** SHA-256, base64url, of a cookie that the request must carry: the token is good for one browser. */
  client: string | null
  parameters: Record<string, string>
}

export type TokenExpectation = {
  playbackId: string
  /** v: video and text, t: thumbnail, g: animated picture, s: storyboard. */
  audience: 'v' | 't' | 'g' | 's'
  now: Date
  /** SPKI PEM of a key that is not deleted, or null. */
  publicKey: (keyId: string) => Promise<string | null>
}

const LEEWAY_MS = 5000
const MOST_CHARACTERS = 8192
// The year 9999: later instants fit neither dates nor the database.
const LAST_SECOND = 253_402_300_799
const headerShape = z.looseObject({
  alg: z.literal('RS256'),
  kid: z.string().min(1).optional(),
  crit: z.never().optional(),
})
const claimsShape = z.looseObject({
  sub: z.string(),
  aud: z.union([
    z.string(),
    z
      .array(z.string())
      .length(1)
      .transform(([only]) => only!),
  ]),
  exp: z.number().positive().max(LAST_SECOND),
  nbf: z.number().optional(),
  kid: z.string().min(1).optional(),
  playback_restriction_id: z.string().min(1).optional(),
  session: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,64}$/)
    .optional(),
  client: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
})
const REGISTERED = new Set([
  ...[
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'iss',
    'jti',
    'kid',
    'session',
    'client',
    'custom',
    'playback_restriction_id',
  ],
])

/**
 * Verifies a playback token in the contract's order: algorithm, key, signature, expiry, subject, audience. Throws
 * PlaybackError 403 with the reason. Its restriction is for the caller, who has the request.
 */
export async function verifyPlaybackToken(
  token: string,
  expected: TokenExpectation,
): Promise<PlaybackClaims> {
  const { header, claims: unverified } = readParts(token)
  const head = headerShape.safeParse(header)
  if (!head.success) throw refuse('malformed_token')
  const keyId = keyIdOf(head.data.kid, unverified.kid)
  const pem = await expected.publicKey(keyId)
  if (!pem) throw refuse('unknown_key')
  await verifyJws(token, importedKey(pem), ['RS256']).catch(() => {
    throw refuse('bad_signature')
  })
  const claims = claimsShape.safeParse(unverified)
  if (!claims.success) throw refuse('malformed_token')
  const { exp, nbf, sub, aud, session, client } = claims.data
  if (exp * 1000 + LEEWAY_MS <= expected.now.getTime()) throw refuse('expired')
  if (nbf !== undefined && nbf * 1000 - LEEWAY_MS > expected.now.getTime()) throw refuse('expired')
  if (sub !== expected.playbackId) throw refuse('wrong_subject')
  if (aud !== expected.audience) throw refuse('wrong_audience')
  return {
    keyId,
    expiresAt: new Date(exp * 1000),
    restrictionId: claims.data.playback_restriction_id ?? null,
    session: session ?? null,
    client: client ?? null,
    parameters: parametersOf(claims.data),
  }
}

function readParts(token: string): { header: unknown; claims: Record<string, unknown> } {
  if (token.length > MOST_CHARACTERS || !isCanonicalJws(token)) throw refuse('malformed_token')
  try {
    const [header, claims] = token
      .split('.', 2)
      .map((part) => JSON.parse(utf8(Buffer.from(part, 'base64url'))))
    if (typeof claims !== 'object' || claims === null) throw refuse('malformed_token')
    return { header, claims }
  } catch {
    throw refuse('malformed_token')
  }
}

const utf8 = (bytes: Buffer) => new TextDecoder('utf8', { fatal: true }).decode(bytes)

/** The key's id stands in the payload (SDK 14 and later) or in the header; two different ones are refused. */
function keyIdOf(inHeader: string | undefined, inPayload: unknown): string {
  const ids = [inHeader, inPayload].filter((id) => id !== undefined)
  if (ids.length === 0 || new Set(ids).size !== 1 || typeof ids[0] !== 'string')
    throw refuse('malformed_token')
  return ids[0]
}

const imported = new Map<string, KeyObject>()
const MOST_KEYS = 200

// Importing costs four times as much as verifying.
function importedKey(pem: string): KeyObject {
  const known = imported.get(pem)
  if (known) return known
  if (imported.size >= MOST_KEYS) imported.clear()
  const key = createPublicKey(pem)
  imported.set(pem, key)
  return key
}

function parametersOf(claims: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(claims).filter(
    ([name, value]) => !REGISTERED.has(name) && ['string', 'number', 'boolean'].includes(typeof value),
  )
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
