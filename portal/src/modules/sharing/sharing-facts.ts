import { QueryBuilder } from 'drizzle-orm/pg-core'
import { shares, viewerSessions } from './tables.ts'

/** What other modules may join on: read-only columns of every share. PostgreSQL flattens it away. */
export const shareFacts = new QueryBuilder()
  .select({
    id: shares.id,
    videoId: shares.videoId,
    organisationId: shares.organisationId,
    createdBy: shares.createdBy,
    access: shares.access,
    tokenHash: shares.tokenHash,
    allow: shares.allow,
    deny: shares.deny,
    analytics: shares.analytics,
    approval: shares.approval,
    viewsUsed: shares.viewsUsed,
    createdAt: shares.createdAt,
    startsAt: shares.startsAt,
    expiresAt: shares.expiresAt,
    revokedAt: shares.revokedAt,
  })
  .from(shares)
  .as('share_facts')

/** Viewer sessions, for those whom an operation has allowed to see them; the address stays sealed. */
export const viewerFacts = new QueryBuilder()
  .select({
    id: viewerSessions.id,
    shareId: viewerSessions.shareId,
    cookieHash: viewerSessions.cookieHash,
    pastCookieHash: viewerSessions.pastCookieHash,
    emailHash: viewerSessions.emailHash,
    emailSealed: viewerSessions.emailSealed,
    emailVerifiedAt: viewerSessions.emailVerifiedAt,
    viewStartedAt: viewerSessions.viewStartedAt,
    tokenExpiresAt: viewerSessions.tokenExpiresAt,
    endedAt: viewerSessions.endedAt,
    expiresAt: viewerSessions.expiresAt,
    objectedAt: viewerSessions.objectedAt,
    notice: viewerSessions.notice,
  })
  .from(viewerSessions)
  .as('viewer_facts')
