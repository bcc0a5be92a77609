import { and, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { ShareStatus } from './rules.ts'
import { shares } from './tables.ts'

/**
 * The column `standing`: the part of a state word that no clock moves, kept by the database. `expired` and `scheduled`
 * are decided by the time beside it, `watching` by the live tokens.
 */
export const STANDINGS = ['open', 'used_up', 'pending', 'approved', 'declined', 'revoked'] as const
export type Standing = (typeof STANDINGS)[number]

const LAPSING: readonly Standing[] = ['open', 'used_up', 'pending', 'approved']

/** The standings under which a share of this state may be found. */
export const STANDINGS_OF: Record<ShareStatus, readonly Standing[]> = {
  active: ['open'],
  scheduled: ['open'],
  watching: ['open', 'used_up'],
  used_up: ['used_up'],
  expired: LAPSING,
  revoked: ['revoked'],
  declined: ['declined'],
  pending_approval: ['pending'],
  approved: ['approved'],
}

export const standing = sql.raw('"shares"."standing"')
/** When it ended or will, at the latest: at its revoke, its refusal, its last view, or its expiry. */
export const endsAt = sql.raw('"shares"."ends_at"')
export const endsDay = sql.raw('"shares"."ends_day"')

/** No token lives longer than this (SPS-06), so a session that ended before it holds none. */
const LONGEST_TOKEN = "interval '15 minutes'"

/** An instant as a timestamptz parameter. */
export const instantSql = (date: Date) => sql`${date.toISOString()}::timestamptz`

/** Viewer sessions with a live token, by their sessions' end: renewals move `token_expires_at`, so it is in no index. */
const holdsToken = (now: SQL): SQL => sql`viewer_sessions.view_started_at is not null
  and viewer_sessions.ended_at is null
  and viewer_sessions.expires_at > ${now} - ${sql.raw(LONGEST_TOKEN)}
  and viewer_sessions.token_expires_at > ${now}`

/** Shares that somebody watches now: among the viewers of the last twelve hours. */
export const watchedShares = (now: Date): SQL =>
  sql`(select viewer_sessions.share_id from viewer_sessions where ${holdsToken(instantSql(now))})`

/** How many hold a live token of the share in the same row. @param now a timestamptz */
export const watchersOf = (now: SQL) => sql<number>`(select count(*)::int from viewer_sessions
  where viewer_sessions.share_id = ${shares.id} and ${holdsToken(now)})`

// Not `exists`, which the planner may turn around: it is asked of the few rows that everything else has left.
const watcherOf = (now: Date): SQL => sql`(select true from viewer_sessions
  where viewer_sessions.share_id = ${shares.id} and ${holdsToken(instantSql(now))} limit 1)`

/** Whether anybody watches the share in the same row now. */
export const isWatched = (now: Date): SQL => sql`${watcherOf(now)} is not null`
const isUnwatched = (now: Date): SQL => sql`${watcherOf(now)} is null`

/** The condition behind a state word; the same words as `shareStatus`, in SQL. */
export function hasStatus(status: ShareStatus, now: Date): SQL | undefined {
  const stands = oneOf(STANDINGS_OF[status])
  const lives = sql`${shares.expiresAt} > ${instantSql(now)}`
  switch (status) {
    case 'revoked':
    case 'declined':
      return stands
    case 'expired':
      return and(stands, lte(shares.expiresAt, now))
    case 'pending_approval':
    case 'approved':
      return and(stands, lives)
    case 'watching':
      return and(stands, lives, isWatched(now))
    case 'used_up':
      return and(stands, lives, isUnwatched(now))
    case 'scheduled':
      return and(stands, lives, sql`${shares.startsAt} > ${instantSql(now)}`, isUnwatched(now))
    case 'active':
      return and(stands, lives, or(isNull(shares.startsAt), lte(shares.startsAt, now)), isUnwatched(now))
  }
}

function oneOf(standings: readonly Standing[]): SQL {
  return sql`${standing} in (${sql.join(
    standings.map((name) => sql`${name}`),
    sql`, `,
  )})`
}
