import type pg from 'pg'
import type { Log } from './log.ts'

const LOCK_SEED = 7
const SWEEP_EVERY_MS = 2000

const UNLOCK_DEAD = `
  with holders as (
    select distinct locked_by from graphile_worker._private_jobs where locked_by is not null
    union
    select distinct locked_by from graphile_worker._private_job_queues where locked_by is not null
  ), dead as materialized (
    select locked_by from holders
    where locked_by <> $1 and pg_try_advisory_xact_lock(hashtextextended(locked_by, ${LOCK_SEED}))
  )
  select graphile_worker.force_unlock_workers(array(select locked_by from dead))
  where exists (select 1 from dead)`

/**
 * graphile-worker frees a killed worker's jobs after a fixed four hours. Each worker pool therefore holds an
 * advisory lock named after itself for as long as it lives; whose lock can be taken is dead, and its jobs are freed.
 */
export async function sweepDeadWorkers(
  pool: pg.Pool,
  poolId: string,
  log: Log,
): Promise<{ stop(): Promise<void> }> {
  let holder = await holdLock(pool, poolId)
  let stopped = false
  let running: Promise<void> = Promise.resolve()

  const tick = async () => {
    try {
      if (holder.lost()) {
        // Given back first: a lost connection that nobody gives back takes a place in the pool for ever.
        holder.release()
        holder = await holdLock(pool, poolId)
      }
      await pool.query(UNLOCK_DEAD, [poolId])
    } catch (error) {
      if (!stopped) log.warn({ err: error }, 'sweep of dead workers failed; trying again')
    }
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
      holder.release()
    },
  }
}

async function holdLock(pool: pg.Pool, poolId: string) {
  const client = await pool.connect()
  let lost = false
  let released = false
  client.on('error', () => {
    lost = true
  })
  client.on('end', () => {
    lost = true
  })
  try {
    await client.query(`select pg_advisory_lock(hashtextextended($1, ${LOCK_SEED}))`, [poolId])
  } catch (error) {
    client.release(true)
    throw error
  }
  return {
    lost: () => lost,
    release() {
      if (!released) client.release(true)
      released = true
    },
  }
}
