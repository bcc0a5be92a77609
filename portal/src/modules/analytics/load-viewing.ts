import { and, desc, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import { emailPlace } from '#portal/modules/sharing/load-share.ts'
import { viewerFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { unseal } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { Who } from './answers.ts'
import { sumParts } from './rules.ts'
import { viewerProgress } from './tables.ts'

/** Sessions that one answer is made of, newest first: what is older is not drawn. */
const MOST_SESSIONS = 2000

/** One person, or one browser where nobody proved an address. */
export type PersonWatching = {
  key: string
  who: Who
  shareIds: string[]
  firstAt: Date
  lastAt: Date
  times: number
  watching: boolean
  /** Null where nothing was kept. */
  parts: number[] | null
}

/** One person over their sessions: the proved address, else the browser. */
export const personKey = sql<Buffer>`case when ${viewerFacts.emailVerifiedAt} is not null then ${viewerFacts.emailHash}
  else coalesce(${viewerFacts.pastCookieHash}, ${viewerFacts.cookieHash}) end`

const sessionQuery = (db: Tx, where: SQL) =>
  db
    .select({
      id: viewerFacts.id,
      shareId: viewerFacts.shareId,
      key: personKey,
      emailSealed: viewerFacts.emailSealed,
      emailVerifiedAt: viewerFacts.emailVerifiedAt,
      startedAt: viewerFacts.viewStartedAt,
      tokenExpiresAt: viewerFacts.tokenExpiresAt,
      endedAt: viewerFacts.endedAt,
      objectedAt: viewerFacts.objectedAt,
      notice: viewerFacts.notice,
      lastAt: viewerProgress.lastAt,
      parts: viewerProgress.parts,
    })
    .from(viewerFacts)
    .leftJoin(viewerProgress, eq(viewerProgress.viewerSessionId, viewerFacts.id))
    .where(and(where, isNotNull(viewerFacts.viewStartedAt)))
    .orderBy(desc(viewerFacts.viewStartedAt))
    .limit(MOST_SESSIONS)

type Session = Awaited<ReturnType<typeof sessionQuery>>[number]

/** Everybody who began to watch some shares, the first one first. */
export async function loadPeople(
  db: Tx,
  keys: Keys,
  shareIds: string[],
  now: Date,
): Promise<PersonWatching[]> {
  if (shareIds.length === 0) return []
  const sessions = (await sessionQuery(db, inArray(viewerFacts.shareId, shareIds))).reverse()
  const byPerson = Map.groupBy(sessions, (session) => session.key.toString('hex'))
  let unnamed = 0
  return [...byPerson].map(([key, own]) => {
    const known = whoOf(keys, own)
    return { ...summed(key, own, now), who: known ?? { kind: 'unnamed', number: ++unnamed } }
  })
}

function whoOf(keys: Keys, sessions: Session[]): Who | null {
  if (sessions.some((session) => session.objectedAt)) return { kind: 'objected' }
  const told = sessions.findLast(
    (session) => session.notice !== null && session.emailVerifiedAt && session.emailSealed,
  )
  if (!told?.emailSealed) return null
  return {
    kind: 'address',
    address: unseal(keys.seal, told.emailSealed, emailPlace(told.id)).toString(),
  }
}

function summed(key: string, sessions: Session[], now: Date): Omit<PersonWatching, 'who'> {
  const starts = sessions.flatMap(({ startedAt }) => startedAt ?? [])
  const seen = [...starts, ...sessions.flatMap(({ lastAt }) => lastAt ?? [])].map((at) => at.getTime())
  const kept = sessions.flatMap(({ parts }) => (parts ? [parts] : []))
  return {
    key,
    shareIds: [...new Set(sessions.map(({ shareId }) => shareId))],
    firstAt: new Date(Math.min(...starts.map((at) => at.getTime()))),
    lastAt: new Date(Math.max(...seen)),
    times: sessions.length,
    watching: sessions.some(
      ({ endedAt, tokenExpiresAt }) => endedAt === null && tokenExpiresAt !== null && tokenExpiresAt > now,
    ),
    parts: kept.length > 0 ? sumParts(kept) : null,
  }
}
