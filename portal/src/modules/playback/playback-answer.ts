import { limiterOf } from '#portal/modules/limits/check-request.ts'
import { BUDGET_STEPS } from '#portal/modules/limits/rules.ts'
import type { Chapter } from '#portal/modules/videos/rules.ts'
import type { App } from '#portal/platform/app.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import { newId } from '#portal/platform/ids.ts'
import { signToken } from './sign-token.ts'
import { currentSigningKey } from './signing-key.ts'

export type PlaybackGrant = {
  playbackId: string
  claim: string
  /** Whom the token is made for (see `clientOf`); null: whoever holds it. */
  client: string | null
  tokenId: string
  expiresAt: Date
  title: string
  durationSeconds: number | null
  chapters: Chapter[]
}

export type PlaybackAnswer = {
  playbackUrl: string
  expiresAt: string
  /** When the player should ask again; ahead of expiry. */
  refreshAfter: string
  posterUrl: string
  storyboardUrl: string
  title: string
  duration: number | null
  /** In order of time; empty for most. */
  chapters: Chapter[]
}

/** Names a browser by its cookie, in a token: the engine asks for a cookie with this SHA-256 (SPS-11). */
export const clientOf = (cookie: string) => hashToken(cookie).toString('base64url')

// Share of a token's life after which a player asks for the next one.
const REFRESH_AT = 0.6

/** Signs what a grant allows; image tokens are shared between viewers of a video, playback tokens never. */
export async function signGrant(app: App, grant: PlaybackGrant): Promise<PlaybackAnswer> {
  const { video } = app.ports
  const { playbackId, expiresAt, claim, tokenId } = grant
  // Mux's cloud knows no such claim: there a replay is bounded by the token's life.
  const client = video.provider === 'engine' ? grant.client : null
  const key = await currentSigningKey(app)
  const { maxResolution } = BUDGET_STEPS[await limiterOf(app).budget()]
  const [token, images] = await Promise.all([
    signToken(key, { playbackId, audience: 'v', expiresAt, tokenId, session: claim, client, maxResolution }),
    imageTokens(app, playbackId),
  ])
  const now = app.clock().getTime()
  return {
    playbackUrl: video.playbackUrl(playbackId, token),
    expiresAt: expiresAt.toISOString(),
    refreshAfter: new Date(now + (expiresAt.getTime() - now) * REFRESH_AT).toISOString(),
    posterUrl: video.posterUrl(playbackId, images.poster),
    storyboardUrl: video.storyboardUrl(playbackId, images.storyboard),
    title: grant.title,
    duration: grant.durationSeconds,
    chapters: grant.chapters,
  }
}

type ImageTokens = { poster: string; storyboard: string; kid: string; freshUntil: number }

const MAX_CACHED = 5000
const imageCache = new WeakMap<App, Map<string, ImageTokens>>()

/**
 * Tokens for poster and storyboard, at most one token lifetime old when they end. They name no viewer, so that
 * one signature serves everybody who is let in within half a lifetime.
 */
export async function imageTokens(
  app: App,
  playbackId: string,
): Promise<{ poster: string; storyboard: string }> {
  const key = await currentSigningKey(app)
  const now = app.clock().getTime()
  const cache = imageCache.get(app) ?? new Map<string, ImageTokens>()
  imageCache.set(app, cache)
  const known = cache.get(playbackId)
  if (known && known.kid === key.id && known.freshUntil > now) return known

  const lifeMs = app.settings.PLAYBACK_TOKEN_TTL_SECONDS * 1000
  const expiresAt = new Date(now + lifeMs)
  const [poster, storyboard] = await Promise.all([
    signToken(key, { playbackId, audience: 't', expiresAt, tokenId: newId('key') }),
    signToken(key, { playbackId, audience: 's', expiresAt, tokenId: newId('key') }),
  ])
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value ?? '')
  cache.set(playbackId, { poster, storyboard, kid: key.id, freshUntil: now + lifeMs / 2 })
  return { poster, storyboard }
}
