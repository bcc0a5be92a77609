import { EventEmitter } from 'node:events'
import { type CronItem, parseCronItems, run, type TaskList } from 'graphile-worker'
import type pg from 'pg'
import type { App } from './app.ts'
import type { AnyJob } from './job.ts'
import { sweepDeadWorkers } from './job-sweep.ts'
import { withoutValues } from './log.ts'
import { createQueuePool } from './queue-pool.ts'
import { type Running, superviseQueue } from './supervise-queue.ts'

const AT_ONCE = 4

/**
 * Runs the given jobs and their schedules, and frees what killed workers held. A queue that ends by itself is started
 * again in this process, and people are told where that goes on.
 */
export async function startJobs(
  app: App,
  pool: pg.Pool,
  jobs: readonly AnyJob[],
): Promise<{ stop(): Promise<void> }> {
  return await superviseQueue(app, () => startQueue(app, pool, jobs))
}

async function startQueue(app: App, pool: pg.Pool, jobs: readonly AnyJob[]): Promise<Running> {
  const events = new EventEmitter()
  let poolId = ''
  let cause: unknown
  events.once('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    poolId = workerPool.id
  })
  const queuePool = createQueuePool(pool, (error) => {
    cause = error
    // What could not be marked is held by this queue: the next one frees it.
    void runner.stop('a finished job could not be marked').catch(() => undefined)
  })
  const runner = await run({
    pgPool: queuePool.pool,
    concurrency: AT_ONCE,
    noHandleSignals: true,
    pollInterval: 2000,
    taskList: taskList(app, jobs),
    parsedCronItems: parseCronItems(schedules(jobs)),
    events: events as never,
    logger: app.workerLogger,
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
    const sweep = await sweepDeadWorkers(pool, poolId, app.log)
    return {
      ended,
      async stop() {
        await end()
        await sweep.stop()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** Of each schedule one job waits at most: a machine that has slept does not make up for each minute. */
function schedules(jobs: readonly AnyJob[]): CronItem[] {
  return jobs.flatMap(({ name, schedule, maxAttempts }) =>
    schedule
      ? [
          {
            task: name,
            match: schedule,
            options: { maxAttempts, backfillPeriod: 0, jobKey: `cron:${name}` },
          },
        ]
      : [],
  )
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
        } catch (thrown) {
          // The queue keeps its words as well.
          const error = withoutValues(thrown)
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
