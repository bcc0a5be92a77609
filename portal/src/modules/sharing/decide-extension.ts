import { and, asc, eq, gt, isNull, ne } from 'drizzle-orm'
import { z } from 'zod'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read, type VerbScope, verb } from '#portal/platform/operation.ts'
import type { AskedExtension } from './answers.ts'
import { applyExtension } from './extend-share.ts'
import { decideShareInput } from './inputs.ts'
import { shareExtensions, shares } from './tables.ts'

const STAFF = {
  role: 'admin' as const,
  groups: ['security' as const, 'compliance' as const, 'operations' as const],
}

const MOST_LISTED = 100

/** Extensions that wait for a second person, the oldest first; those of links that have ended are left out. */
export const listExtensions = read({
  action: 'share.list-extensions',
  input: z.strictObject({}),
  allow: STAFF,
  async run({ db, ctx }): Promise<{ items: AskedExtension[] }> {
    const rows = await db
      .select({
        extension: shareExtensions,
        videoTitle: videoFacts.title,
        organisationName: organisationFacts.name,
        askedByName: personFacts.name,
      })
      .from(shareExtensions)
      .innerJoin(shares, eq(shares.id, shareExtensions.shareId))
      .innerJoin(videoFacts, eq(videoFacts.id, shares.videoId))
      .innerJoin(organisationFacts, eq(organisationFacts.id, shares.organisationId))
      .leftJoin(personFacts, eq(personFacts.id, shareExtensions.askedBy))
      .where(and(isNull(shareExtensions.decision), isNull(shares.revokedAt), gt(shares.expiresAt, ctx.now)))
      .orderBy(asc(shareExtensions.askedAt))
      .limit(MOST_LISTED)
    const items = rows.map(({ extension, ...names }) => ({
      id: extension.id,
      shareId: extension.shareId,
      ...names,
      expiresAt: extension.expiresAt.toISOString(),
      maxViews: extension.maxViews,
      asks: extension.asks,
      reason: extension.reason,
      askedAt: extension.askedAt.toISOString(),
    }))
    return { items }
  },
})

/** A second person agrees: the link lives on at once, under the address that it has. */
export const approveExtension = verb({
  action: 'share.approve-extension',
  input: decideShareInput,
  allow: STAFF,
  run: (scope) => decideExtension(scope, 'approved'),
})

/** A second person declines: the link ends as it would have. */
export const declineExtension = verb({
  action: 'share.decline-extension',
  input: decideShareInput,
  allow: STAFF,
  run: (scope) => decideExtension(scope, 'declined'),
})

async function decideExtension(
  scope: VerbScope<{ id: string; reason: string }>,
  decision: 'approved' | 'declined',
) {
  const { tx, input, ctx, actor } = scope
  const [known] = await tx.select().from(shareExtensions).where(eq(shareExtensions.id, input.id))
  if (!known) throw new AppError('not_found')
  if (known.askedBy === actor.id)
    throw new AppError('conflict', 'A second person decides: somebody other than who asked.')
  // The share before its extension, as whoever asks for one takes them.
  const [share] = await tx.select().from(shares).where(eq(shares.id, known.shareId)).for('no key update')
  if (!share) throw new AppError('not_found')
  const [decided] = await tx
    .update(shareExtensions)
    .set({ decision, decidedBy: actor.id, decidedAt: ctx.now })
    .where(
      and(
        eq(shareExtensions.id, known.id),
        isNull(shareExtensions.decision),
        ne(shareExtensions.askedBy, actor.id),
      ),
    )
    .returning()
  if (!decided) throw new AppError('conflict', 'This does not wait for a decision any more.')
  if (decision === 'approved') {
    // What the link was given without leave meanwhile is not taken from it.
    const expiresAt = decided.expiresAt > share.expiresAt ? decided.expiresAt : share.expiresAt
    const maxViews = share.maxViews === null ? null : Math.max(share.maxViews, decided.maxViews ?? 0)
    await applyExtension(tx, share, { expiresAt, maxViews }, ctx.now)
  }
  await tellAsker(scope, decided.askedBy, share, decision)
  return {
    result: { id: decided.id, status: decision },
    change: {
      target: { type: 'share', id: share.id },
      details: {
        video_id: share.videoId,
        extension_id: decided.id,
        expires_at: decided.expiresAt.toISOString(),
        max_views: decided.maxViews,
      },
      personal: { subject: actor.id, data: { reason: input.reason } },
    },
  }
}

async function tellAsker(
  scope: VerbScope<{ reason: string }>,
  askedBy: string,
  share: { id: string; videoId: string },
  decision: 'approved' | 'declined',
): Promise<void> {
  const { tx, ctx, settings, input } = scope
  const [person] = await tx.select().from(personFacts).where(eq(personFacts.id, askedBy))
  const [video] = await tx
    .select({ title: videoFacts.title })
    .from(videoFacts)
    .where(eq(videoFacts.id, share.videoId))
  if (!person || !video) return
  await enqueueMail(scope, {
    to: person.email,
    template: 'extension-decided',
    values: {
      decision,
      title: video.title,
      reason: input.reason,
      url: `${settings.PUBLIC_URL}/shares/${share.id}`,
    },
    idempotencyKey: ctx.newId('mail'),
  })
}
