import { refuseCommonPassword } from '#portal/modules/identity/poor-password.ts'
import { refuseNewShares } from '#portal/modules/limits/budget-level.ts'
import { loadOwnVideo } from '#portal/modules/videos/queries.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { hashPassword } from '#portal/platform/password-hash.ts'
import type { NewShare } from './answers.ts'
import { type CreateShareInput, createShareInput, type ShareLimits } from './inputs.ts'
import { keepAgreement } from './keep-agreement.ts'
import { currentLimits } from './set-share-limits.ts'
import { asksInWords, beyondLimits, isTooLong } from './share-limits.ts'
import { shares } from './tables.ts'
import { mailStaff, SECOND_PERSONS } from './tell-staff.ts'

/**
 * Makes a link to a video, or asks for one that goes beyond the administrators' limits. The token is given back this
 * once; only its hash is kept.
 */
export const createShare = verb({
  action: 'share.create',
  input: createShareInput,
  allow: { role: 'agency' },
  async run(scope) {
    const { tx, input, ctx, actor, settings } = scope
    const video = await loadOwnVideo(tx, actor, input.videoId)
    await refuseNewShares(tx, ctx.now, settings)
    const { limits } = await currentLimits(tx)
    const { startsAt, expiresAt } = windowOf(input, limits, ctx.now)
    refuseContradictions(input, settings.COUNTRY_HEADER !== undefined || settings.COUNTRY_DATABASE !== 'off')
    const asks = beyondLimits(limits, {
      access: input.access,
      lifeMs: expiresAt.getTime() - ctx.now.getTime(),
      password: input.password !== undefined,
      maxViews: input.maxViews ?? null,
      watermark: input.watermark,
    })
    if (asks.length > 0 && !input.reason)
      throw wrong(
        'reason',
        `is missing: this link ${asksInWords(limits, asks)}, which a second person must agree to. Say why it should`,
      )
    if (input.password) await refuseCommonPassword(input.password)
    const id = ctx.newId('shr')
    const token = asks.length > 0 ? null : newToken()
    await tx.insert(shares).values({
      id,
      videoId: video.id,
      organisationId: video.organisationId,
      createdBy: actor.id,
      access: input.access,
      tokenHash: token ? hashToken(token) : null,
      approval: token ? 'open' : 'pending',
      asks,
      reason: asks.length > 0 ? (input.reason ?? null) : null,
      allow: [...new Set(input.allow)],
      deny: [...new Set(input.deny)],
      countries: [...new Set(input.countries)],
      passwordHash: input.password ? await hashPassword(input.password) : null,
      agreementId: input.agreement
        ? await keepAgreement(tx, ctx, { organisationId: video.organisationId, body: input.agreement })
        : null,
      maxViews: input.maxViews ?? null,
      maxViewers: input.maxViewers ?? null,
      watermark: input.watermark,
      oneDevice: input.oneDevice,
      download: input.download,
      note: input.note || null,
      startsAt,
      expiresAt,
      createdAt: ctx.now,
      analytics: input.analytics,
      region: ctx.region,
    })
    if (asks.length > 0)
      await mailStaff(scope, SECOND_PERSONS, {
        template: 'approval-asked',
        values: {
          title: video.title,
          asks: asksInWords(limits, asks),
          reason: input.reason ?? '',
          url: `${settings.PUBLIC_URL}/admin/approvals`,
        },
        matter: `approval:${id}`,
        except: actor.id,
      })
    const result: NewShare = token
      ? {
          id,
          status: 'active',
          token,
          url: `${settings.PUBLIC_URL}/s/${token}`,
          expiresAt: expiresAt.toISOString(),
        }
      : { id, status: 'pending_approval', expiresAt: expiresAt.toISOString(), asks }
    return {
      result,
      change: {
        target: { type: 'share', id },
        ...(asks.length > 0 ? { reason: 'approval_asked' } : {}),
        details: {
          video_id: video.id,
          access: input.access,
          max_views: input.maxViews ?? null,
          max_viewers: input.maxViewers ?? null,
          starts_at: startsAt?.toISOString() ?? null,
          expires_at: expiresAt.toISOString(),
          password: input.password !== undefined,
          agreement: input.agreement !== undefined,
          watermark: input.watermark,
          one_device: input.oneDevice,
          download: input.download,
          countries: input.countries,
          allow_entries: input.allow.length,
          deny_entries: input.deny.length,
          asks,
          analytics: input.analytics,
        },
        // A reason may name people: it is kept under its writer's key.
        ...(asks.length > 0 && input.reason
          ? { personal: { subject: actor.id, data: { reason: input.reason } } }
          : {}),
      },
    }
  },
})

const DAY_MS = 86_400_000

const wrong = (path: string, message: string) =>
  new AppError('invalid', `${path}: ${message}.`, { errors: [{ path, message }] })

function windowOf(input: CreateShareInput, limits: ShareLimits, now: Date) {
  const startsAt = input.startsAt ? new Date(input.startsAt) : null
  const expiresAt = input.expiresAt
    ? new Date(input.expiresAt)
    : new Date(now.getTime() + limits.lifeDays * DAY_MS)
  if (expiresAt <= now) throw wrong('expiresAt', 'lies in the past')
  if (startsAt && startsAt >= expiresAt) throw wrong('startsAt', 'must lie before the end of the link')
  if (isTooLong(limits, expiresAt.getTime() - now.getTime()))
    throw wrong(
      'expiresAt',
      `lies more than ${limits.mostLifeDays} days ahead, the most that can be agreed to`,
    )
  return { startsAt, expiresAt }
}

/** A condition that could not be kept must not seem to be. */
function refuseContradictions(input: CreateShareInput, countriesKnown: boolean): void {
  if (input.access === 'link' && input.allow.length + input.deny.length > 0)
    throw wrong(
      input.allow.length > 0 ? 'allow' : 'deny',
      'needs a verified address: anyone with the link proves none. Choose another way in, or leave the list empty',
    )
  if (input.watermark && input.download === 'audio-only')
    throw wrong('download', 'cannot be sound alone where there is a watermark: it has no picture to draw on')
  if (input.countries.length > 0 && !countriesKnown)
    throw wrong(
      'countries',
      'cannot be kept here: nothing tells the portal where a request comes from. The administrator can set COUNTRY_HEADER or COUNTRY_DATABASE',
    )
}
