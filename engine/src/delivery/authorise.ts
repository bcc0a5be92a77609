import { PlaybackError, refuse } from '#engine/delivery/answers.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { type PlaybackClaims, verifyPlaybackToken } from '#engine/delivery/token.ts'
import { isClient } from '#engine/delivery/token-client.ts'
import { allows, type RequestOrigin } from '#engine/playback-restrictions/rules.ts'

export type Grant = {
  playable: Playable
  /** Null for a public playback ID. */
  claims: PlaybackClaims | null
  token: string | null
  /** From the token's claims if signed, from the query if public. */
  parameters: Record<string, string>
}

type Request = {
  catalogue: Catalogue
  now: Date
  playbackId: string
  kind: keyof typeof AUDIENCES
  query: string
  /** Of the request: a restriction looks at where it comes from. */
  headers: RequestOrigin & { cookie?: string | undefined }
}

const AUDIENCES = {
  master: 'v',
  text: 'v',
  file: 'v',
  thumbnail: 't',
  animated: 'g',
  storyboard: 's',
} as const

/**
 * Decides whether a request that carries a token may go on. 404: unknown or deleted; 403: a signed playback ID
 * without a right token, or a public one with any. A signed request's other query parameters are ignored,
 * except `format`, which players add to storyboards.
 */
export async function authorise(request: Request): Promise<Grant> {
  const { catalogue, now, playbackId, kind, query, headers } = request
  const playable = await catalogue.find(playbackId)
  if (!playable) throw new PlaybackError(404)
  const given = new URLSearchParams(query)
  const token = given.get('token')
  if (playable.isPublic) {
    if (token !== null) throw refuse('malformed_token')
    return { playable, claims: null, token: null, parameters: Object.fromEntries(given) }
  }
  if (!token) throw refuse('no_token')
  const claims = await verifyPlaybackToken(token, {
    playbackId,
    audience: AUDIENCES[kind],
    now,
    publicKey: catalogue.publicKey,
  })
  if (claims.client !== null && !isClient(claims.client, headers.cookie)) throw refuse('replayed')
  await assertUnrestricted(request, claims)
  const format = kind === 'storyboard' ? given.get('format') : null
  return { playable, claims, token, parameters: { ...claims.parameters, ...(format ? { format } : {}) } }
}

/** A restriction that is gone refuses, as its deletion was meant to. */
async function assertUnrestricted({ catalogue, headers }: Request, { restrictionId }: PlaybackClaims) {
  if (restrictionId === null) return
  const restriction = await catalogue.restriction(restrictionId)
  if (!restriction || !allows(restriction, headers)) throw refuse('restricted')
}
