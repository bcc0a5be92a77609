import type pg from 'pg'
import type { Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'
import { until } from '../support/until.ts'

const QUIET_MS = 60_000

/** What still waits or hangs, in words; nothing where everything has come to its end. */
const UNFINISHED: { what: string; sql: string }[] = [
  {
    what: 'portal jobs',
    sql: `select count(*) from graphile_worker.jobs where run_at <= now() + interval '1 minute'`,
  },
  {
    what: 'engine jobs',
    sql: `select count(*) from engine_worker.jobs where run_at <= now() + interval '1 minute'`,
  },
  {
    what: 'assets without their ladder',
    sql: `select count(*) from engine.assets where deleted_at is null and status <> 'errored' and completed_at is null`,
  },
  {
    what: 'webhooks that were not delivered',
    sql: `select count(*) from engine.webhook_deliveries where delivered_at is null`,
  },
  {
    what: 'webhooks that were not applied',
    sql: `select count(*) from webhook_events where applied_at is null`,
  },
  {
    what: 'videos that wait for news',
    sql: `select count(*) from videos where status in ('waiting', 'processing') or (status = 'ready' and not complete)`,
  },
  {
    what: 'uploads that wait for news',
    sql: `select count(*) from uploads where status in ('created', 'uploading', 'processing')`,
  },
]

/** Waits until nothing is under way any more; gives what did not end in time. */
export async function untilQuiet(stack: Stack): Promise<string[]> {
  return await onDatabase(stack, async (client) => {
    let left: string[] = []
    const quiet = async () => {
      left = await unfinished(client)
      return left.length === 0
    }
    await until('everything has come to its end', quiet, QUIET_MS, 200).catch(() => {})
    return left
  })
}

async function unfinished(client: pg.Client): Promise<string[]> {
  const left: string[] = []
  for (const { what, sql } of UNFINISHED) {
    const { rows } = await client.query<{ count: string }>(sql)
    const count = Number(rows[0]?.count)
    if (count > 0) left.push(`${count} ${what}`)
  }
  return left
}
