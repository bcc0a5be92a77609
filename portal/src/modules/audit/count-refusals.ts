import { runSql, type SqlRunner } from './sql-runner.ts'

/** What strangers try on a link; that a player asks for its state after the end is none of it. */
const ATTEMPTS = `l.outcome = 'refused' and l.outcome <> 'allowed'
  and l.action in ('share.open', 'share.verify', 'playback.issue')`

const MOST_COUNTED = 1000

export type RefusalCount = { reason: string; count: number; lastAt: string }

/** Refused attempts on one share since an instant, by reason; who tried is not told. At most the newest thousand. */
export async function countRefusals(runner: SqlRunner, share: string, since: Date): Promise<RefusalCount[]> {
  const rows = await runSql<{ reason: string; count: number; at: string }>(
    runner,
    `with newest as (
      select l.time, audit_fields(coalesce(e.entry, audit_warm_entry(l.index))) ->> 'reason' as reason
      from audit_leaves l left join audit_events e on e.xid = l.xid and e.seq = l.seq
      where l.share_id = $1 and l.time >= $2 and ${ATTEMPTS}
      order by l.time desc limit ${MOST_COUNTED}
    )
    select coalesce(reason, 'other') as reason, count(*)::int as count,
      to_char(max(time) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from newest group by 1 order by 2 desc, 1`,
    [share, since],
  )
  return rows.map(({ reason, count, at }) => ({ reason, count, lastAt: at }))
}

export type RefusedShare = { shareId: string; count: number; lastAt: Date }

/**
 * Refused attempts that the log took in after a place, by share, and the place read up to. A share that nobody knows
 * is left out; what is older than `since` is passed over, so that the first look at a long log stays short.
 */
export async function refusalsAfter(
  runner: SqlRunner,
  place: number,
  since: Date,
): Promise<{ place: number; shares: RefusedShare[] }> {
  const [head] = await runSql<{ size: string }>(runner, 'select size::text from audit_head', [])
  const upTo = Number(head?.size ?? 0) - 1
  const shares = await runSql<Omit<RefusedShare, 'lastAt'> & { at: string }>(
    runner,
    `select l.share_id as "shareId", count(*)::int as count, 
       to_char(max(l.time) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from audit_leaves l
     where l.index > $1 and l.index <= $2 and l.time >= $3 and l.share_id is not null and ${ATTEMPTS}
     group by l.share_id`,
    [place, upTo, since],
  )
  return { place: upTo, shares: shares.map(({ at, ...rest }) => ({ ...rest, lastAt: new Date(at) })) }
}
