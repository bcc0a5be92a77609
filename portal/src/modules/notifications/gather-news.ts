import { and, inArray, lt, ne, sql } from 'drizzle-orm'
import { refusalsAfter } from '#portal/modules/audit/count-refusals.ts'
import { memberFacts } from '#portal/modules/identity/identity-facts.ts'
import { PROBE_ORGANISATION } from '#portal/modules/sharing/probe-facts.ts'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { type ShareNews, takeEnding, takeFirstViews } from '#portal/modules/sharing/take-news.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { ownerNews, refusalsRead } from './tables.ts'

const DAY_MS = 86_400_000
/** After they were mailed. */
export const NEWS_KEPT_DAYS = 30

type Kind = typeof ownerNews.$inferInsert.kind

/** Writes down what the makers of shares may want to hear; each thing once, refusals of one share together. */
export async function gatherNews(tx: Tx, keys: Keys, now: Date): Promise<void> {
  await keep(tx, 'first_view', await takeFirstViews(tx, now))
  await keep(tx, 'expiry', await takeEnding(tx, keys, now))
  await keep(tx, 'refusals', await takeRefusals(tx, now))
  await tx.delete(ownerNews).where(lt(ownerNews.mailedAt, new Date(now.getTime() - NEWS_KEPT_DAYS * DAY_MS)))
}

async function keep(tx: Tx, kind: Kind, news: ShareNews[]): Promise<void> {
  if (news.length === 0) return
  // Whoever has left is told nothing.
  const people = [...new Set(news.map(({ userId }) => userId))]
  const members = await tx
    .select({ userId: memberFacts.userId })
    .from(memberFacts)
    .where(inArray(memberFacts.userId, people))
  const here = new Set(members.map(({ userId }) => userId))
  const rows = news
    .filter(({ userId }) => here.has(userId))
    .map(({ at, ...rest }) => ({ ...rest, kind, happenedAt: at }))
  if (rows.length === 0) return
  await tx
    .insert(ownerNews)
    .values(rows)
    .onConflictDoUpdate({
      target: [ownerNews.shareId, ownerNews.kind],
      targetWhere: sql`mailed_at is null`,
      set: { amount: sql`${ownerNews.amount} + excluded.amount` },
    })
}

/** The row's lock makes one run at a time read on from where the last one stopped. */
async function takeRefusals(tx: Tx, now: Date): Promise<ShareNews[]> {
  const [read] = await tx.select().from(refusalsRead).for('update')
  const since = new Date(now.getTime() - DAY_MS)
  const { place, shares } = await refusalsAfter(tx, read?.leafIndex ?? -1, since)
  if (place > (read?.leafIndex ?? -1)) await tx.update(refusalsRead).set({ leafIndex: place })
  if (shares.length === 0) return []
  const makers = await tx
    .select({ id: shareFacts.id, userId: shareFacts.createdBy })
    .from(shareFacts)
    .where(
      and(
        inArray(
          shareFacts.id,
          shares.map(({ shareId }) => shareId),
        ),
        ne(shareFacts.organisationId, PROBE_ORGANISATION),
      ),
    )
  return makers.map(({ id, userId }) => {
    const refused = shares.find(({ shareId }) => shareId === id)
    return { userId, shareId: id, amount: refused?.count ?? 0, at: refused?.lastAt ?? now }
  })
}
