import { type Column, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { policyOf } from './load-share.ts'
import { type Download, type ShareStatus, shareStatus } from './rules.ts'
import { watchersOf } from './share-state.ts'
import { shares } from './tables.ts'

/** A share as its owner and administrators see it: no token, no viewer's address. */
export type ShareView = {
  id: string
  videoId: string
  videoTitle: string
  organisationId: string
  organisationName: string
  createdBy: string
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

// A look for each row shown; joined, all people might be read.
const nameOf = (person: Column) =>
  sql<string | null>`(select ${personFacts.name} from ${personFacts} where ${personFacts.id} = ${person})`

/** These shares, in this order; those that are gone are left out. */
export async function shareViewsOf(db: Tx, now: Date, ids: string[]): Promise<ShareView[]> {
  if (ids.length === 0) return []
  const views = await selectShareViews(db, now, {
    where: inArray(shares.id, ids),
    orderBy: [],
    limit: ids.length,
  })
  const byId = new Map(views.map((view) => [view.id, view]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

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
      createdByName: nameOf(shares.createdBy),
      watching: watchersOf(now),
    })
    .from(shares)
    .innerJoin(videoFacts, eq(videoFacts.id, shares.videoId))
    .innerJoin(organisationFacts, eq(organisationFacts.id, shares.organisationId))
    .where(page.where)
    .orderBy(...page.orderBy)
    .limit(page.limit)
  return rows.map(({ share, videoTitle, organisationName, createdByName, watching }) => ({
    id: share.id,
    videoId: share.videoId,
    videoTitle,
    organisationId: share.organisationId,
    organisationName,
    createdBy: share.createdBy,
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
