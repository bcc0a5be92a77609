import { loadOwnVideo } from '#portal/modules/videos/queries.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { createShareInput, SHARE_LIFE_DAYS } from './inputs.ts'
import { hashSharePassword } from './password.ts'
import { shares } from './tables.ts'

const DAY_MS = 86_400_000

/** Makes a link to a video. The token is given back this once; only its hash is kept. */
export const createShare = verb({
  action: 'share.create',
  input: createShareInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, settings }) {
    const video = await loadOwnVideo(tx, actor, input.videoId)
    const expiresAt = expiryOf(input.expiresAt, ctx.now)
    const id = ctx.newId('shr')
    const token = newToken()
    await tx.insert(shares).values({
      id,
      videoId: video.id,
      organisationId: video.organisationId,
      createdBy: actor.id,
      access: input.access,
      tokenHash: hashToken(token),
      allow: [...new Set(input.allow)],
      passwordHash: input.password ? await hashSharePassword(input.password) : null,
      maxViews: input.maxViews ?? null,
      expiresAt,
      createdAt: ctx.now,
      region: ctx.region,
    })
    return {
      result: { id, token, url: `${settings.PUBLIC_URL}/s/${token}`, expiresAt: expiresAt.toISOString() },
      change: {
        target: { type: 'share', id },
        details: {
          video_id: video.id,
          access: input.access,
          max_views: input.maxViews ?? null,
          expires_at: expiresAt.toISOString(),
          password: input.password !== undefined,
          allow_entries: input.allow.length,
        },
      },
    }
  },
})

function expiryOf(wanted: string | undefined, now: Date): Date {
  const latest = new Date(now.getTime() + SHARE_LIFE_DAYS * DAY_MS)
  if (!wanted) return latest
  const expiresAt = new Date(wanted)
  if (expiresAt <= now)
    throw new AppError('invalid', 'expiresAt: lies in the past', {
      errors: [{ path: 'expiresAt', message: 'lies in the past' }],
    })
  // A minute of grace: the browser's clock and ours differ.
  if (expiresAt.getTime() > latest.getTime() + 60_000) {
    const message = `lies more than ${SHARE_LIFE_DAYS} days ahead; a link lives ${SHARE_LIFE_DAYS} days at most`
    throw new AppError('invalid', `expiresAt: ${message}`, { errors: [{ path: 'expiresAt', message }] })
  }
  return expiresAt
}
