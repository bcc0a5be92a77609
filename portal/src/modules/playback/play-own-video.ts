import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { holdEmergency } from '#portal/modules/access/hold-emergency.ts'
import { holdMember } from '#portal/modules/identity/hold-member.ts'
import { loadOwnVideo } from '#portal/modules/videos/queries.ts'
import type { Actor } from '#portal/platform/context.ts'
import { newToken } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { newId } from '#portal/platform/ids.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { type PlaybackAnswer, type PlaybackGrant, signGrant } from './playback-answer.ts'
import { ownerPlaybacks } from './tables.ts'

type User = Extract<Actor, { kind: 'user' }>

const playInput = z.strictObject({ videoId: z.string().max(64) })

const recordOwnPlayback = verb({
  action: 'video.play',
  input: playInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, settings }) {
    // A deactivation under way is waited for; one that comes later finds this playback and ends it.
    if (actor.kind !== 'user' || !(await holdMember(tx, actor))) throw new AppError('forbidden')
    const video = await loadOwnVideo(tx, actor, input.videoId)
    if (video.status !== 'ready' || !video.playbackId) {
      throw new AppError('conflict', 'This video is still being prepared.', { retryAfterSeconds: 5 })
    }
    const expiresAt = await endOfToken(tx, actor, ctx.now, settings.PLAYBACK_TOKEN_TTL_SECONDS)
    const [row] = await tx
      .insert(ownerPlaybacks)
      .values({
        ...{ userId: actor.id, videoId: video.id, sessionId: actor.sessionId ?? '' },
        ...{ playbackClaim: newToken(), tokenExpiresAt: expiresAt },
      })
      .onConflictDoUpdate({
        target: [ownerPlaybacks.userId, ownerPlaybacks.videoId, ownerPlaybacks.sessionId],
        set: { tokenExpiresAt: sql`greatest(${ownerPlaybacks.tokenExpiresAt}, excluded.token_expires_at)` },
      })
      .returning()
    if (!row) throw new Error('the playback was not recorded')
    const tokenId = newId('key')
    return {
      result: {
        playbackId: video.playbackId,
        claim: row.playbackClaim,
        client: null,
        tokenId,
        expiresAt,
        title: video.title,
        durationSeconds: video.durationSeconds,
        chapters: video.chapters,
      } satisfies PlaybackGrant,
      change: {
        target: { type: 'video', id: video.id },
        details: { token_id: tokenId, expires_at: expiresAt.toISOString() },
      },
    }
  },
})

/** A token ends after its time, and with the emergency access that it leans on if that ends first. */
async function endOfToken(tx: Tx, actor: User, now: Date, seconds: number): Promise<Date> {
  const ofItself = new Date(now.getTime() + seconds * 1000)
  if (actor.emergencyUsed === undefined) return ofItself
  // An end by hand that is under way is waited for; one that comes later finds this playback and ends it.
  const until = await holdEmergency(tx, { id: actor.emergencyUsed, userId: actor.id }, now)
  if (until === null) throw new AppError('not_found', 'You have no such emergency access, or it is over.')
  return until < ofItself ? until : ofItself
}

/** A token for watching a video of one's own organisation. */
export const playOwnVideo = flow({
  action: 'video.play',
  input: playInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }): Promise<PlaybackAnswer> {
    return await signGrant(app, await app.call(recordOwnPlayback, input, ctx))
  },
})
