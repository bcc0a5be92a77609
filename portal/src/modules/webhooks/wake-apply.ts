import { sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'

/** Name and queue of the job that applies what is due; one runs at a time. */
export const APPLY_JOB = 'webhooks.apply'
export const APPLY_QUEUE = 'webhooks'
export const APPLY_TRIES = 25

/** Has what is due applied now: one waiting job is enough for any number of events. */
export const WAKE = `select graphile_worker.add_job('${APPLY_JOB}', '{}'::json, queue_name := '${APPLY_QUEUE}',
  max_attempts := ${APPLY_TRIES}, job_key := '${APPLY_JOB}')`

/** The same, if and only if this transaction commits. */
export async function wake(tx: Tx): Promise<void> {
  await tx.execute(sql.raw(WAKE))
}

/** Has what will be due in so many seconds applied then. */
export async function wakeIn(tx: Tx, seconds: number): Promise<void> {
  await tx.execute(sql`select graphile_worker.add_job(${APPLY_JOB}, '{}'::json, queue_name := ${APPLY_QUEUE},
    run_at := now() + make_interval(secs => ${seconds}::float8), max_attempts := ${APPLY_TRIES},
    job_key := ${`${APPLY_JOB}:later`})`)
}
