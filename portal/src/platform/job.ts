import { EventEmitter } from 'node:events'
import { sql } from 'drizzle-orm'
import {
  type CronItem,
  type Logger,
  parseCronItems,
  type Runner,
  run,
  runMigrations,
  type TaskList,
} from 'graphile-worker'
import type pg from 'pg'
import type { z } from 'zod'
import type { App } from './app.ts'
import type { Context } from './context.ts'
import type { Tx } from './db.ts'
import { sweepDeadWorkers } from './job-sweep.ts'

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

function taskList(app: App, jobs: readonly AnyJob[]): TaskList {
  return Object.fromEntries(
    jobs.map((definition) => [
      definition.name,
      async (payload, helpers) => {
        const ctx = app.newContext({ kind: 'system', id: definition.name })
        const input = definition.input.parse(definition.schedule ? {} : payload)
        const { attempts, max_attempts } = helpers.job
        const began = performance.now()
        const ended = (outcome: 'done' | 'failed') =>
          app.telemetry.observe(
            'portal.job.duration',
            { job: definition.name, outcome },
            (performance.now() - began) / 1000,
          )
        try {
          const signal = helpers.abortSignal ?? new AbortController().signal
          await definition.run({ app, input, ctx, signal, attempt: attempts, maxAttempts: max_attempts })
          ended('done')
        } catch (error) {
          ended('failed')
          app.log.warn(
            { err: error, job: definition.name, attempt: attempts, of: max_attempts },
            'job failed',
          )
          if (attempts >= max_attempts)
            await app.ports.errors.report(error, { job: definition.name, attempts })
          throw error
        }
      },
    ]),
  )
}

/**
 * Creates or updates the queue's schema. To be done before any worker starts, of the engine too: all queues of one
 * database hear of each other's migrations, and a running worker shuts itself down at the news.
 */
export async function migrateJobs(pool: pg.Pool, logger: Logger): Promise<void> {
  await runMigrations({ pgPool: pool, logger })
}

export type Jobs = { stop(): Promise<void> }

const AT_ONCE = 4

/**
 * Starts a worker over the given jobs and their schedules, and the sweep that frees jobs of killed workers. `onEnded` is
 * called where the worker ends although nobody stopped it: a portal without a queue must not seem to be well.
 */
export async function startJobs(
  app: App,
  pool: pg.Pool,
  jobs: readonly AnyJob[],
  onEnded: () => void = () => process.exit(1),
): Promise<Jobs> {
  const events = new EventEmitter()
  const poolId = new Promise<string>((resolve) => {
    events.once('pool:create', ({ workerPool }: { workerPool: { id: string } }) => resolve(workerPool.id))
  })
  const cron: CronItem[] = jobs.flatMap((j) =>
    j.schedule
      ? [{ task: j.name, match: j.schedule, options: { maxAttempts: j.maxAttempts, backfillPeriod: 0 } }]
      : [],
  )
  const runner: Runner = await run({
    pgPool: pool,
    concurrency: AT_ONCE,
    noHandleSignals: true,
    pollInterval: 2000,
    taskList: taskList(app, jobs),
    parsedCronItems: parseCronItems(cron),
    events: events as never,
    logger: app.workerLogger,
  })
  let stopping = false
  let over = false
  const ended = (error?: unknown) => {
    over = true
    if (stopping) return
    app.log.fatal({ err: error }, 'the queue ended by itself; this process ends, to be started anew')
    onEnded()
  }
  runner.promise.then(() => ended(), ended)
  const sweep = await sweepDeadWorkers(pool, await poolId, app.log)
  return {
    async stop() {
      stopping = true
      await sweep.stop()
      // What has ended by itself can't be stopped any more.
      if (over) return
      await runner.stop()
      // stop() resolves before a finished job is marked done; only promise tells that it was.
      await runner.promise
    },
  }
}
