import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { noticeFor } from '#portal/modules/analytics/recording-facts.ts'
import { isOrganisationVersion } from '#portal/modules/identity/identity-facts.ts'
import { isVideoVersion } from '#portal/modules/videos/video-facts.ts'
import type { RowChange } from '#portal/platform/audit-sink.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import type { Device } from './device-proof.ts'
import { ensureViewer } from './ensure-viewer.ts'
import { isCounted, type OpenedShare, type Versions, viewerActor } from './load-share.ts'
import { shares, viewerSessions } from './tables.ts'

/** Another tab of the same viewer has just begun. */
export const startingElsewhere = () =>
  new AppError('conflict', 'Playback is starting in another tab. Try again.', { retryAfterSeconds: 1 })

/**
 * Lets the beginnings of one share come one after the other. The share's row comes before any of its viewers', as a
 * revoke takes them: two transactions never wait for each other.
 */
export async function lockShare(tx: Tx, shareId: string): Promise<void> {
  await tx.select({ id: shares.id }).from(shares).where(eq(shares.id, shareId)).for('no key update')
}

/**
 * Begins a viewer's playback and spends a view, behind the share's lock. The updates carry the conditions once more, so
 * that nothing is spent that is not there.
 */
export async function startView(
  tx: Tx,
  ctx: Context,
  opened: OpenedShare,
  by: { cookie: string | null; device: Device | null },
  tokenExpiresAt: Date,
  settings: Settings,
): Promise<{ viewerId: string; claim: string; newCookie: string | null; viewsUsed: number }> {
  const { share } = opened
  const { viewer, newCookie } = await ensureViewer(tx, ctx, opened, by.cookie)
  const device = share.oneDevice ? by.device : null
  const newViewer = share.maxViewers === null || !(await isCounted(tx, viewer))
  const [counted] = await tx
    .update(shares)
    .set({
      viewsUsed: sql`${shares.viewsUsed} + 1`,
      ...(newViewer ? { viewersUsed: sql`${shares.viewersUsed} + 1` } : {}),
      lastUsedAt: ctx.now,
      ...(device ? takenBy(device, ctx.now) : {}),
    })
    .where(
      and(
        eq(shares.id, share.id),
        isNull(shares.revokedAt),
        gt(shares.expiresAt, ctx.now),
        or(isNull(shares.maxViews), lt(shares.viewsUsed, shares.maxViews)),
        newViewer ? or(isNull(shares.maxViewers), lt(shares.viewersUsed, shares.maxViewers)) : undefined,
        device ? isFreeFor(device) : undefined,
      ),
    )
    .returning({ viewsUsed: shares.viewsUsed })
  if (!counted) throw new Refusal('lost_race', { type: 'share', id: share.id }, viewerActor(viewer))
  const [started] = await tx
    .update(viewerSessions)
    .set({
      viewStartedAt: ctx.now,
      notice: noticeFor(share, settings),
      tokenExpiresAt,
      ...(device ? { proofAt: device.at } : {}),
    })
    .where(
      and(
        eq(viewerSessions.id, viewer.id),
        isNull(viewerSessions.viewStartedAt),
        isNull(viewerSessions.endedAt),
      ),
    )
    .returning({ id: viewerSessions.id })
  // Two tabs of one viewer pressed Watch together: the second one's transaction rolls back its view and may ask again.
  if (!started) throw startingElsewhere()
  return { claim: viewer.playbackClaim, viewerId: viewer.id, newCookie, viewsUsed: counted.viewsUsed }
}

const takenBy = ({ thumbprint }: Device, now: Date) => ({
  deviceKey: Buffer.from(thumbprint, 'base64url'),
  deviceBoundAt: sql`coalesce(${shares.deviceBoundAt}, ${now.toISOString()}::timestamptz)`,
})

/** Of two devices that begin at once the first takes the link; and no view begins by a proof that began one before. */
const isFreeFor = ({ thumbprint, at }: Device) =>
  and(
    or(isNull(shares.deviceKey), eq(shares.deviceKey, Buffer.from(thumbprint, 'base64url'))),
    sql`not exists (select from ${viewerSessions} where ${viewerSessions.shareId} = ${shares.id}
      and ${viewerSessions.viewStartedAt} is not null and ${viewerSessions.proofAt} >= ${at.toISOString()}::timestamptz)`,
  )

/** All that a remembered look rests on is as it was seen, and nobody has been barred since. */
const AS_SEEN = `stored.xmin = asked.v5
  and exists (select from shares where shares.id = stored.share_id and shares.xmin = asked.v6
    and ${isVideoVersion('shares.video_id', 'asked.v7')}
    and ${isOrganisationVersion('shares.organisation_id', 'asked.v8')})
  and not exists (select from viewer_bars where email_hash = stored.email_hash and lifted_at is null)`

/**
 * Prolongs a playback that has begun. A revoke ends the viewer's session in its own transaction: this row alone tells,
 * and whichever of the two comes first wins. A proof of the device that is not newer than the last one is a replay.
 * With `seen`, for a decision by a remembered look, also only while everything still is in these versions.
 */
export function renewViewStatement(
  viewerId: string,
  tokenExpiresAt: Date,
  now: Date,
  device: Device | null,
  seen: Versions | null,
): RowChange {
  return {
    name: 'renew-view',
    table: 'viewer_sessions',
    set: `token_expires_at = greatest(stored.token_expires_at, asked.v2), renewals = stored.renewals + 1,
      proof_at = coalesce(asked.v4, stored.proof_at)`,
    where: `stored.view_started_at is not null and stored.ended_at is null and stored.expires_at > asked.v3
      and (asked.v4 is null or stored.proof_at is null or stored.proof_at < asked.v4)
      and (asked.v5 is null or ${AS_SEEN})`,
    types: ['text', 'timestamptz', 'timestamptz', 'timestamptz', 'xid', 'xid', 'xid', 'xid'],
    values: [
      ...[viewerId, tokenExpiresAt, now, device?.at ?? null],
      ...[seen?.viewer ?? null, seen?.share ?? null, seen?.video ?? null, seen?.organisation ?? null],
    ],
  }
}
