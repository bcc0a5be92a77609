import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { ensureViewer } from './ensure-viewer.ts'
import { type OpenedShare, viewerActor } from './load-share.ts'
import { shares, viewerSessions } from './tables.ts'

/**
 * Begins a viewer's playback and spends a view. The updates carry the conditions once more, so that a revoke or the
 * last view taken meanwhile wins.
 */
export async function startView(
  tx: Tx,
  ctx: Context,
  opened: OpenedShare,
  cookie: string | null,
  tokenExpiresAt: Date,
) {
  const { share } = opened
  const { viewer, newCookie } = await ensureViewer(tx, ctx, opened, cookie)
  const [counted] = await tx
    .update(shares)
    .set({ viewsUsed: sql`${shares.viewsUsed} + 1`, lastUsedAt: ctx.now })
    .where(
      and(
        eq(shares.id, share.id),
        isNull(shares.revokedAt),
        gt(shares.expiresAt, ctx.now),
        or(isNull(shares.maxViews), lt(shares.viewsUsed, shares.maxViews)),
      ),
    )
    .returning({ id: shares.id })
  if (!counted) throw new Refusal('lost_race', { type: 'share', id: share.id }, viewerActor(viewer))
  const [started] = await tx
    .update(viewerSessions)
    .set({ viewStartedAt: ctx.now, tokenExpiresAt })
    .where(
      and(
        eq(viewerSessions.id, viewer.id),
        isNull(viewerSessions.viewStartedAt),
        isNull(viewerSessions.endedAt),
      ),
    )
    .returning({ id: viewerSessions.id })
  // Two tabs of one viewer pressed Watch together: the second one's transaction rolls back its view and may ask again.
  if (!started)
    throw new AppError('conflict', 'Playback is starting in another tab. Try again.', {
      retryAfterSeconds: 1,
    })
  return { claim: viewer.playbackClaim, viewerId: viewer.id, newCookie }
}

/** Prolongs a playback that has begun; a revoke that came first wins. */
export async function renewView(tx: Tx, ctx: Context, opened: OpenedShare, tokenExpiresAt: Date) {
  const viewer = opened.viewer
  if (!viewer) throw new Error('a renewal without a viewer session was allowed')
  const [renewed] = await tx
    .update(viewerSessions)
    .set({
      tokenExpiresAt: sql`greatest(${viewerSessions.tokenExpiresAt}, ${tokenExpiresAt.toISOString()}::timestamptz)`,
      renewals: sql`${viewerSessions.renewals} + 1`,
    })
    .where(
      and(
        eq(viewerSessions.id, viewer.id),
        isNull(viewerSessions.endedAt),
        gt(viewerSessions.expiresAt, ctx.now),
      ),
    )
    .returning({ id: viewerSessions.id })
  if (!renewed) throw new Refusal('lost_race', { type: 'share', id: opened.share.id }, viewerActor(viewer))
  return { claim: viewer.playbackClaim, viewerId: viewer.id, newCookie: null }
}
