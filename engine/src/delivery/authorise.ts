import { PlaybackError, refuse } from '#engine/delivery/answers.ts'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import { type PlaybackClaims, verifyPlaybackToken } from '#engine/delivery/token.ts'

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
}

const AUDIENCES = { master: 'v', text: 'v', thumbnail: 't', animated: 'g', storyboard: 's' } as const

/**
 * Decides whether a request that carries a token may go on. 404: unknown or deleted; 403: a signed playback ID
 * without a right token, or a public one with any. A signed request's other query parameters are ignored,
 * except `format`, which players add to storyboards.
 */
export async function authorise({ catalogue, now, playbackId, kind, query }: Request): Promise<Grant> {
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
  const format = kind === 'storyboard' ? given.get('format') : null
  return { playable, claims, token, parameters: { ...claims.parameters, ...(format ? { format } : {}) } }
}
