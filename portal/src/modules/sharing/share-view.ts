import { and, eq, gt, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { policyOf } from './load-share.ts'
import { type Download, type ShareStatus, shareStatus } from './rules.ts'
import { shares, viewerSessions } from './tables.ts'

/** A share as its owner and administrators see it: no token, no viewer's address. */
export type ShareView = {
  id: string
  videoId: string
  videoTitle: string
  organisationName: string
  createdByName: string | null
  access: 'link' | 'email' | 'account'
  allow: string[]
  deny: string[]
  hasPassword: boolean
  hasAgreement: boolean
  countries: string[]
  watermark: boolean
  oneDevice: boolean
  /** When a device took the link; null while none has. */
  deviceBoundAt: string | null
  download: Download | null
  note: string | null
  status: ShareStatus
  watchingNow: number
  viewsUsed: number
  maxViews: number | null
  viewersUsed: number
  maxViewers: number | null
  /** Limits that it goes beyond, and why it should; empty and null for most. */
  asks: string[]
  reason: string | null
  createdAt: string
  startsAt: string | null
  expiresAt: string
  lastUsedAt: string | null
  /** Whether the parts that are watched are kept for the owner. */
  analytics: boolean
  revokedAt: string | null
  revokeReason: string | null
  region: string
}

const instantText = (date: Date | null) => date?.toISOString() ?? null

/** Viewers that hold a live token of the share in the same row. */
const watchingNow = (now: Date) => sql<number>`(
  select count(*)::int from ${viewerSessions}
  where ${and(
    eq(viewerSessions.shareId, shares.id),
    isNull(viewerSessions.endedAt),
    isNotNull(viewerSessions.tokenExpiresAt),
    gt(viewerSessions.tokenExpiresAt, now),
  )})`

/** Whether anybody watches the share in the same row now. */
export const isWatched = (now: Date): SQL => sql`exists (
  select 1 from ${viewerSessions}
  where ${viewerSessions.shareId} = ${shares.id} and ${viewerSessions.endedAt} is null
    and ${viewerSessions.tokenExpiresAt} > ${now.toISOString()}::timestamptz)`

/** Reads shares with what lists show of them. */
export async function selectShareViews(
  db: Tx,
  now: Date,
  page: { where: SQL | undefined; orderBy: SQL[]; limit: number },
): Promise<ShareView[]> {
  const rows = await db
    .select({
      share: shares,
      videoTitle: videoFacts.title,
      organisationName: organisationFacts.name,
      createdByName: personFacts.name,
      watching: watchingNow(now),
    })
    .from(shares)
    .innerJoin(videoFacts, eq(videoFacts.id, shares.videoId))
    .innerJoin(organisationFacts, eq(organisationFacts.id, shares.organisationId))
    .leftJoin(personFacts, eq(personFacts.id, shares.createdBy))
    .where(page.where)
    .orderBy(...page.orderBy)
    .limit(page.limit)
  return rows.map(({ share, videoTitle, organisationName, createdByName, watching }) => ({
    id: share.id,
    videoId: share.videoId,
    videoTitle,
    organisationName,
    createdByName,
    access: share.access,
    allow: share.allow,
    deny: share.deny,
    hasPassword: share.passwordHash !== null,
    hasAgreement: share.agreementId !== null,
    countries: share.countries,
    watermark: share.watermark,
    oneDevice: share.oneDevice,
    deviceBoundAt: instantText(share.deviceBoundAt),
    download: share.download,
    note: share.note,
    status: shareStatus(policyOf(share), share.approval, watching > 0, now),
    watchingNow: watching,
    viewsUsed: share.viewsUsed,
    maxViews: share.maxViews,
    viewersUsed: share.viewersUsed,
    maxViewers: share.maxViewers,
    asks: share.asks,
    reason: share.reason,
    createdAt: share.createdAt.toISOString(),
    startsAt: instantText(share.startsAt),
    expiresAt: share.expiresAt.toISOString(),
    lastUsedAt: instantText(share.lastUsedAt),
    analytics: share.analytics,
    revokedAt: instantText(share.revokedAt),
    revokeReason: share.revokeReason,
    region: share.region,
  }))
}
