import { QueryBuilder } from 'drizzle-orm/pg-core'
import { revocations, shareExtensions, shares, viewerSessions } from './tables.ts'

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
    asks: shares.asks,
    decidedBy: shares.decidedBy,
    decidedAt: shares.decidedAt,
    revokedBy: shares.revokedBy,
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

/** What was asked to live longer, and who decided. */
export const extensionFacts = new QueryBuilder()
  .select({
    id: shareExtensions.id,
    shareId: shareExtensions.shareId,
    asks: shareExtensions.asks,
    askedBy: shareExtensions.askedBy,
    askedAt: shareExtensions.askedAt,
    decision: shareExtensions.decision,
    decidedBy: shareExtensions.decidedBy,
    decidedAt: shareExtensions.decidedAt,
  })
  .from(shareExtensions)
  .as('extension_facts')

/** Revokes of many links, with who asked, who decided and who reviewed; no words, no person that they are about. */
export const revocationFacts = new QueryBuilder()
  .select({
    id: revocations.id,
    emergency: revocations.emergency,
    videoId: revocations.videoId,
    status: revocations.status,
    askedBy: revocations.askedBy,
    askedAt: revocations.askedAt,
    decidedBy: revocations.decidedBy,
    decidedAt: revocations.decidedAt,
    review: revocations.review,
    reviewedBy: revocations.reviewedBy,
    reviewedAt: revocations.reviewedAt,
  })
  .from(revocations)
  .as('revocation_facts')
