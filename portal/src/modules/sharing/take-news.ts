import { and, eq, gt, inArray, isNotNull, isNull, lte, ne, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { listReminders } from './list-reminders.ts'
import { PROBE_ORGANISATION } from './probe-facts.ts'
import { shares, viewerSessions } from './tables.ts'

/** Something that the maker of a share may want to hear, once. */
export type ShareNews = { userId: string; shareId: string; amount: number; at: Date }

const DAY_MS = 86_400_000
/** Shares that live shorter than this end too soon after they were made for a word about it. */
const WORTH_A_WORD_MS = 2 * DAY_MS
const ONE_RUN = 500

/** Shares that were opened for the first time in the last day, each once: telling is written down with the taking. */
export async function takeFirstViews(tx: Tx, now: Date): Promise<ShareNews[]> {
  const due = tx
    .select({ id: shares.id })
    .from(shares)
    .where(
      and(
        isNull(shares.firstViewToldAt),
        isNotNull(shares.lastUsedAt),
        gt(shares.lastUsedAt, new Date(now.getTime() - DAY_MS)),
        ne(shares.organisationId, PROBE_ORGANISATION),
      ),
    )
    .limit(ONE_RUN)
    .for('update', { skipLocked: true })
  const rows = await tx
    .update(shares)
    .set({ firstViewToldAt: now })
    .where(inArray(shares.id, due))
    .returning({ shareId: shares.id, userId: shares.createdBy, at: shares.lastUsedAt })
  return rows.map((row) => ({ ...row, amount: 1, at: row.at ?? now }))
}

/** Shares that end within a day and were not watched by everybody who was invited, or by nobody at all; each once. */
export async function takeEnding(tx: Tx, keys: Keys, now: Date): Promise<ShareNews[]> {
  const rows = await tx
    .select()
    .from(shares)
    .where(
      and(
        isNull(shares.revokedAt),
        isNull(shares.expiryToldAt),
        isNull(shares.scheduledReason),
        eq(shares.approval, 'open'),
        gt(shares.expiresAt, now),
        lte(shares.expiresAt, new Date(now.getTime() + DAY_MS)),
        sql`${shares.expiresAt} - ${shares.createdAt} >= make_interval(secs => ${WORTH_A_WORD_MS / 1000})`,
        ne(shares.organisationId, PROBE_ORGANISATION),
      ),
    )
    .limit(ONE_RUN)
    .for('update', { skipLocked: true })
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  await tx.update(shares).set({ expiryToldAt: now }).where(inArray(shares.id, ids))
  const news: ShareNews[] = []
  for (const share of rows) {
    const invited = await listReminders(tx, keys, share, now)
    const missing = invited.length - (await countWatched(tx, share.id, invited))
    if (missing > 0 || share.viewsUsed === 0)
      news.push({ userId: share.createdBy, shareId: share.id, amount: missing, at: share.expiresAt })
  }
  return news
}

async function countWatched(tx: Tx, shareId: string, invited: { key: string }[]): Promise<number> {
  if (invited.length === 0) return 0
  const hashes = invited.map(({ key }) => Buffer.from(key, 'hex'))
  const rows = await tx
    .selectDistinct({ hash: viewerSessions.emailHash })
    .from(viewerSessions)
    .where(
      and(
        eq(viewerSessions.shareId, shareId),
        inArray(viewerSessions.emailHash, hashes),
        isNotNull(viewerSessions.emailVerifiedAt),
        isNotNull(viewerSessions.viewStartedAt),
      ),
    )
  return rows.length
}
