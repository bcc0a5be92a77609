import { and, count, desc, eq, gt, inArray, isNull, lt, or, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import { decodeInstant, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { read } from '#portal/platform/operation.ts'
import type { Reach, RevocationView } from './answers.ts'
import { countReach, kindOf } from './select-shares.ts'
import { playbackStops, revocations, shares } from './tables.ts'

export const listRevocationsInput = z.strictObject({
  state: z.enum(['open', 'all']).default('open'),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

type Row = typeof revocations.$inferSelect

const waits = () =>
  or(inArray(revocations.status, ['pending', 'running']), eq(revocations.review, 'open')) as SQL

/** Revokes of many links: what waits for somebody, or all, newest first. */
export const listRevocations = read({
  action: 'revocation.list',
  input: listRevocationsInput,
  allow: { role: 'admin' },
  async run({ db, input, ctx, actor }): Promise<Page<RevocationView>> {
    const from = input.cursor ? decodeInstant(input.cursor) : null
    const rows = await db
      .select()
      .from(revocations)
      .where(
        and(
          input.state === 'open' ? waits() : undefined,
          from
            ? or(
                lt(revocations.askedAt, from.instant),
                and(eq(revocations.askedAt, from.instant), lt(revocations.id, from.id)),
              )
            : undefined,
        ),
      )
      .orderBy(desc(revocations.askedAt), desc(revocations.id))
      .limit(input.limit + 1)
    const page = toPage(rows, input.limit, (row) => encodeCursor(row.askedAt, row.id))
    const names = await namesFor(db, page.items)
    const open = await unconfirmed(db, page.items)
    const items: RevocationView[] = []
    for (const row of page.items) {
      const reach = row.status === 'pending' ? await countReach(db, ctx.now, row) : null
      items.push(viewOf(row, { names, reach, confirmed: !open.has(row.id), reader: actor.id }))
    }
    return { items, nextCursor: page.nextCursor }
  },
})

/** How much waits for a second person: revokes, reviews of emergencies, and links beyond the limits. */
export const countApprovals = read({
  action: 'revocation.count',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db, ctx }): Promise<{ revocations: number; shares: number }> {
    const [asked] = await db.select({ n: count() }).from(revocations).where(waits())
    const [links] = await db
      .select({ n: count() })
      .from(shares)
      .where(and(eq(shares.approval, 'pending'), isNull(shares.revokedAt), gt(shares.expiresAt, ctx.now)))
    return { revocations: asked?.n ?? 0, shares: links?.n ?? 0 }
  },
})

/** Names of the people, organisations and videos that these rows speak of. */
async function namesFor(db: Tx, rows: Row[]): Promise<Map<string, string>> {
  const ids = (pick: (row: Row) => (string | null)[]) =>
    rows.flatMap(pick).filter((id): id is string => id !== null)
  const people = ids((row) => [row.askedBy, row.decidedBy, row.reviewedBy, row.ownerId])
  const owners = ids((row) => [row.ownerId])
  const videos = ids((row) => [row.videoId])
  // One after the other: a transaction is one connection, which answers one question at a time.
  const named = [
    ...(await db
      .select({ id: personFacts.id, name: personFacts.name })
      .from(personFacts)
      .where(inArray(personFacts.id, people))),
    ...(await db
      .select({ id: organisationFacts.id, name: organisationFacts.name })
      .from(organisationFacts)
      .where(inArray(organisationFacts.id, owners))),
    ...(await db
      .select({ id: videoFacts.id, name: videoFacts.title })
      .from(videoFacts)
      .where(inArray(videoFacts.id, videos))),
  ]
  return new Map(named.map(({ id, name }) => [id, name]))
}

/** Which of these have playbacks that the video service has not confirmed as ended. */
async function unconfirmed(db: Tx, rows: Row[]): Promise<Set<string | null>> {
  if (rows.length === 0) return new Set()
  const found = await db
    .selectDistinct({ id: playbackStops.revocationId })
    .from(playbackStops)
    .where(
      and(
        isNull(playbackStops.confirmedAt),
        inArray(
          playbackStops.revocationId,
          rows.map(({ id }) => id),
        ),
      ),
    )
  return new Set(found.map(({ id }) => id))
}

type About = { names: Map<string, string>; reach: Reach | null; confirmed: boolean; reader: string }

function viewOf(row: Row, { names, reach, confirmed, reader }: About): RevocationView {
  const name = (id: string | null) => (id === null ? null : (names.get(id) ?? null))
  const text = (at: Date | null) => at?.toISOString() ?? null
  return {
    id: row.id,
    emergency: row.emergency,
    of: kindOf(row),
    name: name(row.videoId ?? row.ownerId),
    reason: row.reason,
    note: row.note,
    status: row.status,
    askedAt: row.askedAt.toISOString(),
    askedByName: name(row.askedBy) ?? (row.askedBy.startsWith('os:') ? 'The command line' : null),
    mine: row.askedBy === reader,
    sharesAsked: row.sharesAsked,
    watchingAsked: row.watchingAsked,
    now: reach,
    decideUntil: row.decideUntil.toISOString(),
    decidedByName: name(row.decidedBy),
    decidedAt: text(row.decidedAt),
    decisionReason: row.decisionReason,
    sharesStopped: row.sharesStopped,
    playersStopped: row.playersStopped,
    actedAt: text(row.actedAt),
    confirmed,
    replacedPlaybackIds: row.replacedPlaybackIds,
    review: row.review,
    reviewedByName: name(row.reviewedBy),
    reviewedAt: text(row.reviewedAt),
    reviewReason: row.reviewReason,
  }
}
