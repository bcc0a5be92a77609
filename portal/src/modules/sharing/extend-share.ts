import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { notify } from '#portal/platform/notices.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import type { Extended } from './answers.ts'
import { extendShareInput, type ShareLimits } from './inputs.ts'
import type { ShareRow } from './load-share.ts'
import { holdScopedShare } from './revoke-share.ts'
import { VIEWER_SESSION_HOURS } from './rules.ts'
import { currentLimits } from './set-share-limits.ts'
import { asksInWords, beyondLimits, isTooLong } from './share-limits.ts'
import { shareExtensions, shares, viewerSessions } from './tables.ts'

type Input = {
  id: string
  expiresAt?: string | undefined
  maxViews?: number | undefined
  reason?: string | undefined
}

/**
 * Lets a share live longer or be watched more often. It is judged like a new share of its whole life, so that nobody
 * gets by many steps what they could not have had at once.
 */
export const extendShare = verb({
  action: 'share.extend',
  input: extendShareInput,
  allow: { role: 'agency' },
  async run(scope: VerbScope<Input>): Promise<{ result: Extended; change: Change }> {
    const { tx, input, ctx } = scope
    const share = await holdScopedShare(tx, ctx.actor, input.id)
    if (share.approval !== 'open' || share.revokedAt || share.expiresAt <= ctx.now)
      throw new AppError('conflict', 'This link has ended, or has not begun. Make a new one.')
    if (share.scheduledReason)
      throw new AppError('conflict', 'This link is to be revoked at a set time. Cancel that first.')
    const wanted = wantedOf(share, input)
    const { limits } = await currentLimits(tx)
    const asks = asksOf(limits, share, wanted)
    if (asks.length > 0) return await ask(scope, share, wanted, asks, limits)
    await applyExtension(tx, share, wanted, ctx.now)
    const result: Extended = {
      id: share.id,
      status: 'extended',
      expiresAt: wanted.expiresAt.toISOString(),
      maxViews: wanted.maxViews,
    }
    return { result, change: { target: { type: 'share', id: share.id }, details: detailsOf(share, wanted) } }
  },
})

export type Wanted = { expiresAt: Date; maxViews: number | null }

const wrong = (path: string, message: string) =>
  new AppError('invalid', `${path}: ${message}.`, { errors: [{ path, message }] })

function wantedOf(share: ShareRow, input: Input): Wanted {
  const expiresAt = input.expiresAt ? new Date(input.expiresAt) : share.expiresAt
  const maxViews = input.maxViews ?? share.maxViews
  if (expiresAt < share.expiresAt) throw wrong('expiresAt', 'lies before the end that the link has')
  if (input.maxViews !== undefined && share.maxViews === null)
    throw wrong('maxViews', 'is not needed: this link may be watched any number of times')
  if (maxViews !== null && share.maxViews !== null && maxViews < share.maxViews)
    throw wrong('maxViews', `is less than the ${share.maxViews} that the link has`)
  if (expiresAt.getTime() === share.expiresAt.getTime() && maxViews === share.maxViews)
    throw wrong(
      'expiresAt',
      'is the end that the link has: say until when it should live, or how many views it gets',
    )
  return { expiresAt, maxViews }
}

function asksOf(limits: ShareLimits, share: ShareRow, wanted: Wanted) {
  const lifeMs = wanted.expiresAt.getTime() - share.createdAt.getTime()
  if (isTooLong(limits, lifeMs))
    throw wrong(
      'expiresAt',
      `makes it live longer than ${limits.mostLifeDays} days, the most that can be agreed to`,
    )
  return beyondLimits(limits, {
    access: share.access,
    lifeMs,
    password: share.passwordHash !== null,
    maxViews: wanted.maxViews,
    watermark: share.watermark,
  })
}

const detailsOf = (share: ShareRow, wanted: Wanted) => ({
  video_id: share.videoId,
  expires_at: wanted.expiresAt.toISOString(),
  expired_at: share.expiresAt.toISOString(),
  max_views: wanted.maxViews,
})

async function ask(
  { tx, input, ctx, actor }: VerbScope<Input>,
  share: ShareRow,
  wanted: Wanted,
  asks: ReturnType<typeof beyondLimits>,
  limits: ShareLimits,
) {
  if (!input.reason)
    throw wrong(
      'reason',
      `is missing: this link then ${asksInWords(limits, asks)}, which a second person must agree to. Say why it should`,
    )
  const extensionId = ctx.newId('ext')
  const [asked] = await tx
    .insert(shareExtensions)
    .values({
      id: extensionId,
      shareId: share.id,
      ...wanted,
      asks,
      reason: input.reason,
      askedBy: actor.id,
      askedAt: ctx.now,
    })
    .onConflictDoNothing()
    .returning({ id: shareExtensions.id })
  if (!asked) throw new AppError('conflict', 'A second person is being asked about this link already.')
  const result: Extended = { id: share.id, status: 'pending_approval', extensionId, asks }
  return {
    result,
    change: {
      target: { type: 'share', id: share.id },
      reason: 'approval_asked',
      details: { ...detailsOf(share, wanted), extension_id: extensionId, asks },
      personal: { subject: actor.id, data: { reason: input.reason } },
    },
  }
}

/**
 * Moves the end; the condition carries what was read, so that a revoke or another extension meanwhile wins. Sessions
 * that were to end with the share go on as long as any session does, and open pages look again.
 * @throws AppError conflict
 */
export async function applyExtension(tx: Tx, share: ShareRow, wanted: Wanted, now: Date): Promise<void> {
  const [extended] = await tx
    .update(shares)
    .set({ ...wanted, expiryToldAt: null })
    .where(
      and(
        eq(shares.id, share.id),
        eq(shares.approval, 'open'),
        isNull(shares.revokedAt),
        isNull(shares.scheduledReason),
        gt(shares.expiresAt, now),
        eq(shares.expiresAt, share.expiresAt),
        sql`${shares.maxViews} is not distinct from ${share.maxViews}`,
      ),
    )
    .returning({ id: shares.id })
  if (!extended) throw new AppError('conflict', 'This link was changed in the meantime. Look again.')
  await tx
    .update(viewerSessions)
    .set({
      expiresAt: sql`least(${wanted.expiresAt.toISOString()}::timestamptz,
        ${viewerSessions.createdAt} + make_interval(hours => ${VIEWER_SESSION_HOURS}))`,
    })
    .where(
      and(
        eq(viewerSessions.shareId, share.id),
        isNull(viewerSessions.endedAt),
        eq(viewerSessions.expiresAt, share.expiresAt),
      ),
    )
  await notify(tx, { topic: 'share.changed', body: { shareId: share.id } })
}
