import { and, eq, gt, isNull, ne } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { decideShareInput, shareIdInput } from './inputs.ts'
import { shares } from './tables.ts'

const STAFF = { role: 'admin', groups: ['security', 'compliance', 'operations'] } as const

/** A second person agrees to a share that goes beyond the limits; its owner may then fetch the link, once. */
export const approveShare = verb({
  action: 'share.approve',
  input: decideShareInput,
  allow: { ...STAFF, groups: [...STAFF.groups] },
  run: (scope) => decideShare(scope, 'approved'),
})

/** A second person declines; nothing was ever reachable. */
export const declineShare = verb({
  action: 'share.decline',
  input: decideShareInput,
  allow: { ...STAFF, groups: [...STAFF.groups] },
  run: (scope) => decideShare(scope, 'declined'),
})

async function decideShare(
  scope: VerbScope<{ id: string; reason: string }>,
  approval: 'approved' | 'declined',
) {
  const { tx, input, ctx, actor } = scope
  const [share] = await tx.select().from(shares).where(eq(shares.id, input.id))
  if (!share) throw new AppError('not_found')
  if (share.createdBy === actor.id)
    throw new AppError('conflict', 'A second person decides: somebody other than who asked for the link.')
  const [decided] = await tx
    .update(shares)
    .set({ approval, decidedBy: actor.id, decidedAt: ctx.now })
    .where(
      and(
        eq(shares.id, share.id),
        eq(shares.approval, 'pending'),
        ne(shares.createdBy, actor.id),
        isNull(shares.revokedAt),
        gt(shares.expiresAt, ctx.now),
      ),
    )
    .returning({ id: shares.id })
  if (!decided) throw new AppError('conflict', 'This link does not wait for a decision any more.')
  await tellOwner(scope, share, approval)
  return {
    result: { id: share.id, status: approval },
    change: {
      target: { type: 'share', id: share.id },
      details: { video_id: share.videoId, asks: share.asks },
      personal: { subject: actor.id, data: { reason: input.reason } },
    },
  }
}

async function tellOwner(
  scope: VerbScope<{ reason: string }>,
  share: { createdBy: string; videoId: string },
  decision: 'approved' | 'declined',
): Promise<void> {
  const { tx, ctx, settings, input } = scope
  const [owner] = await tx
    .select({ email: personFacts.email })
    .from(personFacts)
    .where(eq(personFacts.id, share.createdBy))
  const [video] = await tx
    .select({ title: videoFacts.title })
    .from(videoFacts)
    .where(eq(videoFacts.id, share.videoId))
  if (!owner || !video) return
  await enqueueMail(scope, {
    to: owner.email,
    template: 'share-decided',
    values: {
      decision,
      title: video.title,
      reason: input.reason,
      url: `${settings.PUBLIC_URL}/videos/${share.videoId}`,
    },
    idempotencyKey: ctx.newId('mail'),
  })
}

/** Makes the token of an approved share and gives it to whoever asked for the share: once. */
export const collectShare = verb({
  action: 'share.collect',
  input: shareIdInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, settings }) {
    const token = newToken()
    const [share] = await tx
      .update(shares)
      .set({ tokenHash: hashToken(token), approval: 'open' })
      .where(
        and(
          eq(shares.id, input.id),
          eq(shares.createdBy, actor.id),
          eq(shares.approval, 'approved'),
          isNull(shares.revokedAt),
          gt(shares.expiresAt, ctx.now),
        ),
      )
      .returning({ id: shares.id, videoId: shares.videoId, expiresAt: shares.expiresAt })
    if (!share) throw new AppError('not_found')
    return {
      result: {
        id: share.id,
        status: 'active' as const,
        token,
        url: `${settings.PUBLIC_URL}/s/${token}`,
        expiresAt: share.expiresAt.toISOString(),
      },
      change: { target: { type: 'share', id: share.id }, details: { video_id: share.videoId } },
    }
  },
})
