import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { run, runMigrations, type TaskList, Logger as WorkerLogger } from 'graphile-worker'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { Queryable } from './db.ts'
import { holdPoolLock, sweepDeadWorkers } from './dead-workers.ts'
import { createQueuePool } from './queue-pool.ts'
import { type RunningLane, superviseLane } from './supervise-lane.ts'

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
 * Jobs of killed processes are freed within seconds (see dead-workers.ts). A lane that ends by itself is started again in
 * this process.
 */
export async function startJobs(
  pool: pg.Pool,
  lanes: Lane[],
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  const started: { stop(): Promise<void> }[] = []
  for (const lane of lanes) started.push(await superviseLane(() => startLane(pool, lane, log), log))
  const sweeper = sweepDeadWorkers(pool, log)
  return {
    async stop() {
      await sweeper.stop()
      await Promise.all(started.map((lane) => lane.stop()))
    },
  }
}

async function startLane(pool: pg.Pool, lane: Lane, log: Logger): Promise<RunningLane> {
  const events = new EventEmitter()
  let poolId = ''
  let cause: unknown
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    poolId = workerPool.id
  })
  const queuePool = createQueuePool(pool, (error) => {
    cause = error
    // What could not be marked is held by this lane: the sweep frees it once the lane is gone.
    void runner.stop('a finished job could not be marked').catch(() => undefined)
  })
  const runner = await run({
    pgPool: queuePool.pool,
    schema: JOB_SCHEMA,
    taskList: lane.tasks,
    concurrency: lane.concurrency,
    crontab: lane.crontab ?? '',
    pollInterval: 1000,
    noHandleSignals: true,
    events: events as never,
    logger: workerLogger(log),
  })
  let over = false
  const ended = runner.promise
    .catch((error: unknown) => error)
    .then((error: unknown) => {
      over = true
      return cause ?? error
    })
  const end = async () => {
    if (!over) await runner.stop().catch(() => undefined)
    await ended
    await queuePool.marked()
  }
  try {
    const lock = await holdPoolLock(pool, poolId)
    return {
      ended,
      async stop() {
        await end()
        // Neither waits until the last jobs are marked as done or failed; without it the pool's end cuts that off.
        await untilMarked(pool, poolId).finally(() => lock.release())
      },
    }
  } catch (error) {
    await end()
    throw error
  }
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
