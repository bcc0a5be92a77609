import type pg from 'pg'
import { until } from './until.ts'

/**
 * Begins `work` while a change is made and not yet committed; commits once the work waits for it, or was let through.
 * Gives "let in", or the code of the error that the work ended with.
 */
export async function meetHalfWay(
  pool: pg.Pool,
  change: { text: string; values: unknown[] },
  work: () => Promise<unknown>,
): Promise<string | undefined> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(change)
    let settled = false
    const ended = work()
      .then(
        () => 'let in',
        (error: { code?: string }) => error.code,
      )
      .finally(() => {
        settled = true
      })
    await until(
      'the work to wait for the change, or to be let in',
      async () => settled || (await waits(pool)),
    )
    await client.query('commit')
    return await ended
  } finally {
    client.release()
  }
}

async function waits(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length > 0
}
