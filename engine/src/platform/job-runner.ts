import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type Runner, run, runMigrations, type TaskList, Logger as WorkerLogger } from 'graphile-worker'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { Queryable } from './db.ts'
import { holdPoolLock, sweepDeadWorkers } from './dead-workers.ts'

export const JOB_SCHEMA = 'engine_worker'

export type JobOptions = {
  runAt?: Date
  maxAttempts?: number
  /** A job that waits under the same key is replaced. */
  key?: string
  /** Smaller runs first. */
  priority?: number
}

/** Adds a job in the caller's transaction: no commit, no job. */
export async function addJob(
  db: Queryable,
  task: string,
  payload: object,
  options: JobOptions = {},
): Promise<void> {
  await db.query(
    `select ${JOB_SCHEMA}.add_job($1, payload := $2::json, run_at := $3, max_attempts := $4, job_key := $5, priority := $6)`,
    [
      task,
      JSON.stringify(payload),
      options.runAt ?? null,
      options.maxAttempts ?? 25,
      options.key ?? null,
      options.priority ?? 0,
    ],
  )
}

/** Creates or updates the queue's own schema; needed before the first addJob. */
export async function migrateJobs(pool: pg.Pool, log: Logger): Promise<void> {
  await runMigrations({ pgPool: pool, schema: JOB_SCHEMA, logger: workerLogger(log) })
}

export type Lane = { tasks: TaskList; concurrency: number; crontab?: string }

/**
 * Runs each lane's tasks with a concurrency of its own, so that long work never holds up short work.
 * Jobs of killed processes are freed within seconds (see dead-workers.ts). `onEnded` is called where a lane ends although
 * nobody stopped it: an engine that encodes nothing more must not seem to be well.
 */
export async function startJobs(
  pool: pg.Pool,
  lanes: Lane[],
  log: Logger,
  onEnded: () => void = () => process.exit(1),
): Promise<{ stop(): Promise<void> }> {
  const started: { runner: Runner; poolId: string; release(): Promise<void> }[] = []
  for (const lane of lanes) started.push(await startLane(pool, lane, log))
  let stopping = false
  const over = new Set<Runner>()
  const ended = (runner: Runner, error?: unknown) => {
    over.add(runner)
    if (stopping) return
    log.fatal({ err: error }, 'a queue ended by itself; this process ends, to be started anew')
    onEnded()
  }
  for (const { runner } of started)
    runner.promise.then(
      () => ended(runner),
      (error) => ended(runner, error),
    )
  const sweeper = sweepDeadWorkers(pool, log)
  return {
    async stop() {
      stopping = true
      await sweeper.stop()
      await Promise.all(
        started.map(async ({ runner, poolId, release }) => {
          // Neither waits until the last jobs are marked as done or failed; without it the pool's end cuts that off.
          if (!over.has(runner)) {
            await runner.stop()
            await runner.promise
          }
          await untilMarked(pool, poolId)
          await release()
        }),
      )
    },
  }
}

async function startLane(pool: pg.Pool, lane: Lane, log: Logger) {
  const events = new EventEmitter()
  let poolId = ''
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    poolId = workerPool.id
  })
  const runner = await run({
    pgPool: pool,
    schema: JOB_SCHEMA,
    taskList: lane.tasks,
    concurrency: lane.concurrency,
    crontab: lane.crontab ?? '',
    pollInterval: 1000,
    noHandleSignals: true,
    events: events as never,
    logger: workerLogger(log),
  })
  const lock = await holdPoolLock(pool, poolId)
  return { runner, poolId, release: lock.release }
}

const MARKED_MS = 5000

/** Waits until a stopped worker pool holds no job any more; what it still holds at the deadline is freed. */
async function untilMarked(pool: pg.Pool, poolId: string): Promise<void> {
  const held = `select 1 from ${JOB_SCHEMA}._private_jobs where locked_by = $1 limit 1`
  for (const deadline = Date.now() + MARKED_MS; Date.now() < deadline; await delay(10)) {
    if ((await pool.query(held, [poolId])).rowCount === 0) return
  }
  await pool.query(`select ${JOB_SCHEMA}.force_unlock_workers($1)`, [[poolId]])
}

export function workerLogger(log: Logger): WorkerLogger {
  return new WorkerLogger(() => (level, message) => {
    if (level === 'error') log.error(message)
    else if (level === 'warning') log.warn(message)
    else log.debug(message)
  })
}
