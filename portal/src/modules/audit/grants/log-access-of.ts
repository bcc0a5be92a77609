import { runSql, type SqlRunner } from '../sql-runner.ts'

export type LogAccess = { id: string; endsAt: Date }

/** The grant to read the log that this person holds now, the one that ends last; null without one. */
export async function logAccessOf(runner: SqlRunner, userId: string, now: Date): Promise<LogAccess | null> {
  const [grant] = await runSql<{ id: string; ends: number }>(
    runner,
    `select id, (extract(epoch from ends_at) * 1000)::float8 as ends from log_grants
      where user_id = $1 and decision = 'approved' and ends_at > $2 order by ends_at desc limit 1`,
    [userId, now.toISOString()],
    'log-access',
  )
  return grant ? { id: grant.id, endsAt: new Date(grant.ends) } : null
}
