import type pg from 'pg'
import type { Logger } from 'pino'

const SWEEP_EVERY_MS = 2000
const SCHEMA = 'engine_worker'

/**
 * graphile-worker keeps a killed worker's jobs locked for a fixed four hours. So each worker pool holds an advisory
 * lock named after itself while it lives; whose lock can be taken is dead, and its jobs run again. Two seconds of
 * patience, because a worker takes its first job a moment before it holds its lock.
 */
const UNLOCK_DEAD = `
  with holders as (
    select distinct locked_by from ${SCHEMA}._private_jobs where locked_at < now() - interval '2 seconds'
    union
    select distinct locked_by from ${SCHEMA}._private_job_queues
      where locked_at < now() - interval '2 seconds'
  ), dead as materialized (
    select locked_by from holders where pg_try_advisory_xact_lock(hashtextextended(locked_by, 7))
  )
  select ${SCHEMA}.force_unlock_workers(array(select locked_by from dead))
  where exists (select 1 from dead)`

/** Holds the life sign of one worker pool on a connection of its own, and takes it again where the connection broke. */
export async function holdPoolLock(pool: pg.Pool, poolId: string): Promise<{ release(): Promise<void> }> {
  let released = false
  let client: pg.PoolClient | null = null

  async function take(): Promise<void> {
    const next = await pool.connect()
    next.once('end', () => {
      if (client !== next) return
      client = null
      next.release(true)
      if (!released) setTimeout(retake, 100)
    })
    try {
      await next.query('select pg_advisory_lock(hashtextextended($1, 7))', [poolId])
    } catch (error) {
      next.release(true)
      throw error
    }
    if (released) next.release(true)
    else client = next
  }
  function retake() {
    if (!released && !client) take().catch(() => setTimeout(retake, 250))
  }

  await take()
  return {
    async release() {
      released = true
      const last = client
      client = null
      last?.release(true)
    },
  }
}

/** Every two seconds, and once at the start. */
export function sweepDeadWorkers(pool: pg.Pool, log: Logger): { stop(): Promise<void> } {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  const tick = async () => {
    if (stopped) return
    await pool.query(UNLOCK_DEAD).catch((error) => {
      if (!stopped) log.warn({ err: error }, 'sweep of dead workers failed; trying again')
    })
  }
  running = tick()
  const timer = setInterval(() => {
    running = running.then(tick)
  }, SWEEP_EVERY_MS)
  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
