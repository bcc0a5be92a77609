import { type Column, eq, type SQL, sql } from 'drizzle-orm'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { ShareView } from './answers.ts'
import { shareStatus } from './rules.ts'
import { instantSql, watchersOf } from './share-state.ts'
import { shares } from './tables.ts'

const instantText = (date: Date | null) => date?.toISOString() ?? null

// A look for each row shown; joined, all people might be read.
const nameOf = (person: Column) =>
  sql<string | null>`(select ${personFacts.name} from ${personFacts} where ${personFacts.id} = ${person})`

// What no list shows is not read: keys, hashes, who was told what.
const COLUMNS = {
  id: shares.id,
  videoId: shares.videoId,
  organisationId: shares.organisationId,
  createdBy: shares.createdBy,
  access: shares.access,
  allow: shares.allow,
  deny: shares.deny,
  hasPassword: sql<boolean>`${shares.passwordHash} is not null`,
  hasAgreement: sql<boolean>`${shares.agreementId} is not null`,
  countries: shares.countries,
  watermark: shares.watermark,
  oneDevice: shares.oneDevice,
  deviceBoundAt: shares.deviceBoundAt,
  download: shares.download,
  note: shares.note,
  viewsUsed: shares.viewsUsed,
  maxViews: shares.maxViews,
  viewersUsed: shares.viewersUsed,
  maxViewers: shares.maxViewers,
  approval: shares.approval,
  asks: shares.asks,
  reason: shares.reason,
  createdAt: shares.createdAt,
  startsAt: shares.startsAt,
  expiresAt: shares.expiresAt,
  scheduledReason: shares.scheduledReason,
  lastUsedAt: shares.lastUsedAt,
  analytics: shares.analytics,
  revokedAt: shares.revokedAt,
  revokeReason: shares.revokeReason,
  region: shares.region,
}

const selectViews = (db: Tx, now: SQL, where: SQL) =>
  db
    .select({
      share: COLUMNS,
      videoTitle: videoFacts.title,
      organisationName: organisationFacts.name,
      createdByName: nameOf(shares.createdBy),
      watchingNow: watchersOf(now),
    })
    .from(shares)
    .innerJoin(videoFacts, eq(videoFacts.id, shares.videoId))
    .innerJoin(organisationFacts, eq(organisationFacts.id, shares.organisationId))
    .where(where)

type ViewRow = Awaited<ReturnType<typeof selectViews>>[number]

/** These shares, in this order; those that are gone are left out. */
export async function shareViewsOf(db: Tx, now: Date, ids: string[]): Promise<ShareView[]> {
  if (ids.length === 0) return []
  // The same text each time: each connection plans it once.
  const query = selectViews(
    db,
    sql`${sql.placeholder('now')}::timestamptz`,
    sql`${shares.id} = any(${sql.placeholder('ids')}::text[])`,
  ).prepare('share-views')
  const rows = await query.execute({ now: now.toISOString(), ids })
  const byId = new Map(rows.map((row) => [row.share.id, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? viewOf(row, now) : []
  })
}

/** The one share of which this holds, as lists show it. */
export async function findShareView(db: Tx, now: Date, where: SQL): Promise<ShareView | null> {
  const [row] = await selectViews(db, instantSql(now), where)
  return row ? viewOf(row, now) : null
}

function viewOf({ share, ...row }: ViewRow, now: Date): ShareView {
  const { approval, ...shown } = share
  return {
    ...shown,
    ...row,
    status: shareStatus(share, approval, row.watchingNow > 0, now),
    deviceBoundAt: instantText(share.deviceBoundAt),
    createdAt: share.createdAt.toISOString(),
    startsAt: instantText(share.startsAt),
    expiresAt: share.expiresAt.toISOString(),
    lastUsedAt: instantText(share.lastUsedAt),
    revokedAt: instantText(share.revokedAt),
  }
}
