import { and, desc, eq, gt, or } from 'drizzle-orm'
import type { ViewerRecord as Watched } from '#portal/modules/analytics/answers.ts'
import { viewerRecord } from '#portal/modules/analytics/viewer-record.ts'
import { hashToken, unseal } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { Refusal } from '#portal/platform/errors.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { ViewerRecord, ViewerVisit } from './answers.ts'
import { agreementOf } from './keep-agreement.ts'
import { emailPlace, loadShare, type ShareRow, UNKNOWN_SHARE, type ViewerRow } from './load-share.ts'
import { VIEWER_MEMORY_DAYS } from './rules.ts'
import { viewerSessions } from './tables.ts'
import { keptThings, NOT_IN_COPY } from './viewer-notice.ts'

export type ViewerKey = { token: string; cookie: string | null }
export type OwnVisits = { share: ShareRow; title: string; sharedBy: string; visits: ViewerRow[] }

/**
 * This browser's visits to a link, newest first, whether the link still lives or not.
 * @throws Refusal for a browser of which nothing is kept
 */
export async function loadOwnVisits(tx: Tx, keys: Keys, key: ViewerKey, now: Date): Promise<OwnVisits> {
  const opened = await loadShare(tx, keys, key.token, key.cookie)
  if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
  const { share } = opened
  const browser = key.cookie ? hashToken(key.cookie) : null
  const visits = browser
    ? await tx
        .select()
        .from(viewerSessions)
        .where(
          and(
            eq(viewerSessions.shareId, share.id),
            or(eq(viewerSessions.cookieHash, browser), eq(viewerSessions.pastCookieHash, browser)),
            gt(viewerSessions.expiresAt, daysBefore(now, VIEWER_MEMORY_DAYS)),
          ),
        )
        .orderBy(desc(viewerSessions.createdAt), desc(viewerSessions.id))
        .limit(100)
    : []
  if (visits.length === 0) throw new Refusal('nothing_recorded', { type: 'share', id: share.id })
  return { share, title: opened.video.title, sharedBy: opened.sharedBy, visits }
}

export const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * 86_400_000)

/** The record as its viewer reads it and takes it along. */
export async function recordOf(
  tx: Tx,
  keys: Keys,
  { share, title, sharedBy, visits }: OwnVisits,
  now: Date,
): Promise<ViewerRecord> {
  const accepted = visits.find((visit) => visit.agreementId && visit.agreedAt)
  const agreement = await agreementOf(tx, accepted?.agreementId ?? null)
  const watched = visits.some((visit) => visit.viewStartedAt)
  const objected = visits.find((visit) => visit.objectedAt)
  return {
    link: {
      id: share.id,
      // Nothing of the video is told before its gate was passed.
      title: watched ? title : null,
      sharedBy,
      endsAt: share.expiresAt.toISOString(),
      endedAt: endOf(share, now),
    },
    objectedAt: text(objected?.objectedAt),
    visits: await visitsOf(tx, keys, visits, now),
    agreement:
      agreement && accepted?.agreedAt ? { ...agreement, acceptedAt: accepted.agreedAt.toISOString() } : null,
    kept: keptThings({
      email: visits.some((visit) => visit.emailSealed),
      device: visits.some((visit) => visit.proofAt),
      objected: objected !== undefined,
    }),
    notIncluded: NOT_IN_COPY,
  }
}

const text = (date: Date | null | undefined) => date?.toISOString() ?? null

function endOf(share: ShareRow, now: Date): string | null {
  if (share.revokedAt) return share.revokedAt.toISOString()
  return share.expiresAt <= now ? share.expiresAt.toISOString() : null
}

async function visitsOf(tx: Tx, keys: Keys, visits: ViewerRow[], now: Date): Promise<ViewerVisit[]> {
  const told: ViewerVisit[] = []
  // One connection: one after the other.
  for (const visit of visits) told.push(visitOf(keys, visit, now, await viewerRecord(tx, visit.id)))
  return told
}

function visitOf(keys: Keys, visit: ViewerRow, now: Date, watched: Watched | null): ViewerVisit {
  const address = visit.emailSealed && unseal(keys.seal, visit.emailSealed, emailPlace(visit.id)).toString()
  const holds = visit.emailVerifiedAt !== null && visit.endedAt === null && visit.expiresAt > now
  return {
    pseudonym: visit.id,
    firstSeenAt: visit.createdAt.toISOString(),
    address: address && (holds ? address : maskedAddress(address)),
    addressProvedAt: text(visit.emailVerifiedAt),
    signedIn: visit.userId !== null,
    passwordGivenAt: text(visit.passwordPassedAt),
    viewStartedAt: text(visit.viewStartedAt),
    renewals: visit.renewals,
    accessUntil: text(visit.tokenExpiresAt),
    endedAt: text(visit.endedAt),
    blackAt: text(visit.blackAt),
    deviceProvedAt: text(visit.proofAt),
    watched,
  }
}

/** `jo@northside.example` → `j•••@northside.example`. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, 1)}•••${address.slice(at)}`
}
