import { sql } from 'drizzle-orm'
import { type Logger, runMigrations } from 'graphile-worker'
import type pg from 'pg'
import type { z } from 'zod'
import type { App } from './app.ts'
import type { Context } from './context.ts'
import type { Tx } from './db.ts'

export type JobRun<P> = (scope: {
  app: App
  input: P
  ctx: Context
  signal: AbortSignal
  /** 1 for the first try. */
  attempt: number
  maxAttempts: number
}) => Promise<void>

export type JobDefinition<P> = {
  name: string
  input: z.ZodType<P>
  /** Tries before the job is left for a person to see. */
  maxAttempts: number
  /** Cron line (UTC) for work that comes by itself. */
  schedule?: string
  run: JobRun<P>
}

/** What is needed to order a job; lets a module order one that another module runs, without importing it. */
export type JobOrder<P> = Pick<JobDefinition<P>, 'name' | 'input' | 'maxAttempts'>

// biome-ignore lint/suspicious/noExplicitAny: a list of jobs has as many payload types as members
export type AnyJob = JobDefinition<any>

export function job<P>(definition: JobDefinition<P>): JobDefinition<P> {
  return definition
}

export type EnqueueOptions = {
  runAt?: Date
  /** Not before this much later by the database's clock, which is the queue's. */
  inSeconds?: number
  /** Jobs of one key replace each other while they wait. */
  key?: string
  /** Jobs of one queue run one after the other. */
  queue?: string
}

/** Adds a job inside the caller's transaction. */
export async function enqueue<P>(
  tx: Tx,
  definition: JobOrder<P>,
  payload: P,
  options: EnqueueOptions = {},
): Promise<void> {
  await tx.execute(sql`select graphile_worker.add_job(
    ${definition.name}, ${JSON.stringify(payload)}::json, queue_name := ${options.queue ?? null},
    run_at := coalesce(${options.runAt?.toISOString() ?? null}::timestamptz, now() + make_interval(secs => ${options.inSeconds ?? null}::float8)), max_attempts := ${definition.maxAttempts},
    job_key := ${options.key ?? null})`)
}

/**
 * Creates or updates the queue's schema. To be done before any worker starts, of the engine too: all queues of one
 * database hear of each other's migrations, and a running worker shuts itself down at the news.
 */
export async function migrateJobs(pool: pg.Pool, logger: Logger): Promise<void> {
  await runMigrations({ pgPool: pool, logger })
}
