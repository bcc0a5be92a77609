import { and, desc, eq, isNotNull, ne, type SQL } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Page } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import type { ShareDetail, ShareView } from './answers.ts'
import { type AdminListInput, adminListSharesInput, listSharesInput, shareIdInput } from './inputs.ts'
import { PROBE_ORGANISATION } from './probe-facts.ts'
import { VIEWER_MEMORY_DAYS } from './rules.ts'
import { findSharePage, type ShareOrder, type ShareQuest } from './share-pages.ts'
import { questFor, type ShareFilter } from './share-search.ts'
import { findShareView, shareViewsOf } from './share-view.ts'
import { shares, viewerSessions } from './tables.ts'

/** The organisation's own shares, newest first; an administrator's organisation likewise. */
export const listShares = read({
  action: 'share.list',
  input: listSharesInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor }): Promise<Page<ShareView>> {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    const { videoId: video, status, ended } = input
    const owner = ownOrAll(actor, video)
    const quest = await questFor(db, { video, status, ended, owner }, ctx.now)
    return await readPage(db, ctx.now, quest, { sort: 'created', direction: 'desc' }, input)
  },
})

// An administrator who opens a video sees its shares, whosever they are; the plain list is their own organisation's.
function ownOrAll(actor: Extract<Actor, { kind: 'user' }>, videoId: string | undefined): string | undefined {
  return actor.role === 'admin' && videoId ? undefined : actor.organisationId
}

/** Every share of the installation: filtered, searched, sorted, paged, all in the database. */
export const adminListShares = read({
  action: 'share.admin-list',
  input: adminListSharesInput,
  allow: { role: 'admin' },
  async run({ db, input, ctx }): Promise<Page<ShareView>> {
    const quest = await adminQuest(db, input, ctx.now)
    return await readPage(db, ctx.now, quest, orderOf(input), input)
  },
})

/** What an administrator looks for; the synthetic probe's own shares are not among it. */
export async function adminQuest(db: Tx, filter: ShareFilter, now: Date): Promise<ShareQuest | null> {
  const quest = await questFor(db, filter, now)
  quest?.filters.push(ne(shares.organisationId, PROBE_ORGANISATION))
  return quest
}

/** Without a direction: what is newest, soonest, latest or most first. */
export const orderOf = ({ sort, order }: Pick<AdminListInput, 'sort' | 'order'>): ShareOrder => ({
  sort,
  direction: order ?? (sort === 'expires' ? 'asc' : 'desc'),
})

async function readPage(
  db: Tx,
  now: Date,
  quest: ShareQuest | null,
  order: ShareOrder,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<Page<ShareView>> {
  if (!quest) return { items: [], nextCursor: null }
  const { ids, nextCursor } = await findSharePage(db, quest, order, cursor, limit)
  return { items: await shareViewsOf(db, now, ids), nextCursor }
}

/** One share with its viewers as pseudonyms; an agency's own, or any for an administrator. */
export const getShare = read({
  action: 'share.get',
  input: shareIdInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor }): Promise<ShareDetail> {
    const own =
      actor.kind === 'user' && actor.role !== 'admin'
        ? eq(shares.organisationId, actor.organisationId)
        : undefined
    const view = await findShareView(db, ctx.now, and(eq(shares.id, input.id), own) as SQL)
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
    return { ...view, viewers, ...(await behind(db, view)) }
  },
})

async function behind(db: Tx, view: ShareView): Promise<Omit<ShareDetail, keyof ShareView | 'viewers'>> {
  const [row] = await db
    .select({ decidedBy: shares.decidedBy, decidedAt: shares.decidedAt })
    .from(shares)
    .where(eq(shares.id, view.id))
  const [person] = await db
    .select({ name: personFacts.name })
    .from(personFacts)
    .where(eq(personFacts.id, row?.decidedBy ?? ''))
  const viewers = await db.$count(
    viewerSessions,
    and(eq(viewerSessions.shareId, view.id), isNotNull(viewerSessions.emailSealed)),
  )
  const end = Date.parse(view.revokedAt ?? view.expiresAt)
  return {
    decidedByName: person?.name ?? null,
    decidedAt: row?.decidedAt?.toISOString() ?? null,
    personalData: { viewers, erasedAfter: new Date(end + VIEWER_MEMORY_DAYS * 86_400_000).toISOString() },
  }
}
