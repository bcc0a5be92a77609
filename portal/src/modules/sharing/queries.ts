import {
  and,
  asc,
  desc,
  eq,
  gt,
  ilike,
  isNotNull,
  isNull,
  lte,
  ne,
  not,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import { organisationFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import { decodeCursor, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import { adminListSharesInput, listSharesInput, shareIdInput } from './inputs.ts'
import type { ShareStatus } from './rules.ts'
import { isWatched, type ShareView, selectShareViews } from './share-view.ts'
import { shares, viewerSessions } from './tables.ts'

/** The condition behind a state word; the same words as `shareStatus`, in SQL. */
function hasStatus(status: ShareStatus, now: Date): SQL | undefined {
  const standing = and(isNull(shares.revokedAt), gt(shares.expiresAt, now))
  const live = and(standing, eq(shares.approval, 'open'))
  const soon = gt(shares.startsAt, now)
  // Never null, as `not null` would be: a share without a cap is not used up.
  const usedUp = sql`(${shares.maxViews} is not null and ${shares.viewsUsed} >= ${shares.maxViews})`
  switch (status) {
    case 'revoked':
      return isNotNull(shares.revokedAt)
    case 'expired':
      return and(isNull(shares.revokedAt), lte(shares.expiresAt, now), ne(shares.approval, 'declined'))
    case 'pending_approval':
      return and(standing, eq(shares.approval, 'pending'))
    case 'approved':
      return and(standing, eq(shares.approval, 'approved'))
    case 'declined':
      return and(isNull(shares.revokedAt), eq(shares.approval, 'declined'))
    case 'scheduled':
      return and(live, soon, not(usedUp), not(isWatched(now)))
    case 'watching':
      return and(live, isWatched(now))
    case 'used_up':
      return and(live, usedUp, not(isWatched(now)))
    case 'active':
      return and(
        live,
        or(isNull(shares.startsAt), lte(shares.startsAt, now)),
        not(usedUp),
        not(isWatched(now)),
      )
  }
}

/** Rows after a cursor in newest-first order of a time column. */
function after(
  cursor: string | undefined,
  column: typeof shares.createdAt | typeof shares.expiresAt,
  ascending: boolean,
): SQL | undefined {
  if (!cursor) return undefined
  const { at, id } = decodeCursor(cursor)
  const place = sql`(${String(at)}::timestamptz, ${id})`
  return ascending ? sql`(${column}, ${shares.id}) > ${place}` : sql`(${column}, ${shares.id}) < ${place}`
}

/** The organisation's own shares, newest first; an administrator's organisation likewise. */
export const listShares = read({
  action: 'share.list',
  input: listSharesInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor }): Promise<Page<ShareView>> {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    const rows = await selectShareViews(db, ctx.now, {
      where: and(
        ownOrAll(actor, input.videoId),
        input.videoId ? eq(shares.videoId, input.videoId) : undefined,
        input.status ? hasStatus(input.status, ctx.now) : undefined,
        after(input.cursor, shares.createdAt, false),
      ),
      orderBy: [desc(shares.createdAt), desc(shares.id)],
      limit: input.limit + 1,
    })
    return toPage(rows, input.limit, (row) => encodeCursor(row.createdAt, row.id))
  },
})

// An administrator who opens a video sees its shares, whosever they are; the plain list is their own organisation's.
function ownOrAll(actor: Extract<Actor, { kind: 'user' }>, videoId: string | undefined): SQL | undefined {
  return actor.role === 'admin' && videoId ? undefined : eq(shares.organisationId, actor.organisationId)
}

/** Every share of the installation: filtered, searched, sorted, paged, all in the database. */
export const adminListShares = read({
  action: 'share.admin-list',
  input: adminListSharesInput,
  allow: { role: 'admin' },
  async run({ db, input, ctx }): Promise<Page<ShareView>> {
    const ascending = input.sort === 'expires'
    const column = ascending ? shares.expiresAt : shares.createdAt
    const order = ascending ? asc : desc
    const rows = await selectShareViews(db, ctx.now, {
      where: and(
        input.status ? hasStatus(input.status, ctx.now) : undefined,
        input.video ? eq(shares.videoId, input.video) : undefined,
        input.owner
          ? or(eq(shares.createdBy, input.owner), eq(shares.organisationId, input.owner))
          : undefined,
        input.q ? matches(input.q) : undefined,
        after(input.cursor, column, ascending),
      ),
      orderBy: [order(column), order(shares.id)],
      limit: input.limit + 1,
    })
    return toPage(rows, input.limit, (row) => encodeCursor(ascending ? row.expiresAt : row.createdAt, row.id))
  },
})

function matches(text: string): SQL | undefined {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return or(eq(shares.id, text), ilike(videoFacts.title, pattern), ilike(organisationFacts.name, pattern))
}

export type ShareViewer = {
  id: string
  startedAt: string
  renewals: number
  watching: boolean
  endedAt: string | null
  /** Milliseconds from the revoke to the black picture, as the viewer's page reported it. */
  blackAfterMs: number | null
}

/** One share with its viewers as pseudonyms; an agency's own, or any for an administrator. */
export const getShare = read({
  action: 'share.get',
  input: shareIdInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor }): Promise<ShareView & { viewers: ShareViewer[] }> {
    const own =
      actor.kind === 'user' && actor.role !== 'admin'
        ? eq(shares.organisationId, actor.organisationId)
        : undefined
    const [view] = await selectShareViews(db, ctx.now, {
      where: and(eq(shares.id, input.id), own),
      orderBy: [],
      limit: 1,
    })
    if (!view) throw new AppError('not_found')
    const rows = await db
      .select()
      .from(viewerSessions)
      .where(and(eq(viewerSessions.shareId, view.id), isNotNull(viewerSessions.viewStartedAt)))
      .orderBy(desc(viewerSessions.viewStartedAt))
      .limit(100)
    const viewers = rows.map((row) => ({
      id: row.id,
      startedAt: (row.viewStartedAt ?? row.createdAt).toISOString(),
      renewals: row.renewals,
      watching: row.endedAt === null && row.tokenExpiresAt !== null && row.tokenExpiresAt > ctx.now,
      endedAt: row.endedAt?.toISOString() ?? null,
      blackAfterMs: row.blackAt && row.endedAt ? row.blackAt.getTime() - row.endedAt.getTime() : null,
    }))
    return { ...view, viewers }
  },
})
