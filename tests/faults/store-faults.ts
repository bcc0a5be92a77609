import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import pino from 'pino'
import type { LimitsPort } from '../../portal/src/adapters/limits/port.ts'
import { createPostgresStore } from '../../portal/src/adapters/limits/postgres.ts'
import { createRedisStore } from '../../portal/src/adapters/limits/redis.ts'
import { shiftableClock, shiftClock } from '../../portal/src/adapters/limits/redis-clock.ts'
import { remembering } from '../../portal/src/adapters/limits/remember.ts'
import { processTree } from '../support/process-tree.ts'
import { startRedis } from '../support/redis-server.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'

const PAUSE_MS = 10_000

const log = pino({ level: 'silent' })

export type Fault = {
  name: string
  nodes: [LimitsPort, LimitsPort]
  /** Resolves when the store could work again. */
  strike(): Promise<void>
  stop(): Promise<void>
}
async function killRedis(): Promise<Fault> {
  const redis = await startRedis()
  const node = () => remembering(createRedisStore({ url: redis.url, log }))
  const nodes: [LimitsPort, LimitsPort] = [node(), node()]
  return {
    ...{ name: 'Redis killed, and started again empty', nodes },
    async strike() {
      await redis.kill()
      await delay(1000)
      await redis.restart()
    },
    async stop() {
      await Promise.all(nodes.map((one) => one.stop()))
      await redis.stop()
    },
  }
}

type Database = { pool: pg.Pool; nodes: [LimitsPort, LimitsPort]; stop(): Promise<void> }

/** @param path search path of the connections; a schema ahead of pg_catalog can stand in for its clock */
async function postgresNodes(path = 'public'): Promise<Database> {
  const server = await startTestPostgres()
  const database = await cloneDatabase(server.config, 'portal')
  if (path !== 'public') await shadowClock(database.pool)
  const options = { ...database.poolConfig, options: `-c search_path=${path}` }
  const node = () => remembering(createPostgresStore({ database: options, log }))
  const nodes: [LimitsPort, LimitsPort] = [node(), node()]
  return {
    ...{ pool: database.pool, nodes },
    async stop() {
      await Promise.all(nodes.map((one) => one.stop()))
      await database.close()
      await server.stop()
    },
  }
}

async function pausePostgres(): Promise<Fault> {
  const { pool, nodes, stop } = await postgresNodes()
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() pid')
  const stat = readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8')
  const postmaster = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  const signal = (name: NodeJS.Signals) => {
    for (const pid of processTree([postmaster])) process.kill(pid, name)
  }
  return {
    ...{ name: `Postgres paused for ${PAUSE_MS / 1000} s`, nodes, stop },
    async strike() {
      signal('SIGSTOP')
      try {
        await delay(PAUSE_MS)
      } finally {
        signal('SIGCONT')
      }
    },
  }
}

/** The database's clock as limit_take reads it, an hour off where told. */
async function shadowClock(pool: pg.Pool): Promise<void> {
  await pool.query(`
    create schema shifted;
    create table shifted.clock (by interval not null);
    insert into shifted.clock values ('0');
    create function shifted.clock_timestamp() returns timestamptz language sql volatile as
      'select pg_catalog.clock_timestamp() + by from shifted.clock'`)
}

async function leap(name: string, by: string): Promise<Fault> {
  const { pool, nodes, stop } = await postgresNodes('shifted,pg_catalog,public')
  return {
    ...{ name, nodes, stop },
    async strike() {
      const { rowCount } = await pool.query(`update shifted.clock set by = '${by}'`)
      if (rowCount !== 1) throw new Error('the clock was not moved')
    },
  }
}

/** Its unlogged tables, the counts among them, are empty after that. */
async function crashPostgres(): Promise<Fault> {
  const { pool, nodes, stop } = await postgresNodes()
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() pid')
  return {
    ...{ name: 'Postgres crashed, its counts empty', nodes, stop },
    async strike() {
      process.kill(rows[0]?.pid as number, 'SIGKILL')
      await until('Postgres recovered', () => pool.query('select from limit_epoch').catch(() => null))
    },
  }
}

async function leapRedis(name: string, seconds: number): Promise<Fault> {
  const redis = await startRedis()
  const undo = shiftableClock()
  const node = () => remembering(createRedisStore({ url: redis.url, log }))
  const nodes: [LimitsPort, LimitsPort] = [node(), node()]
  undo()
  return {
    ...{ name, nodes },
    strike: () => shiftClock(redis.url, seconds),
    async stop() {
      await Promise.all(nodes.map((one) => one.stop()))
      await redis.stop()
    },
  }
}

/** Each starts a store with two nodes that count in it, and can break it. */
export const STORE_FAULTS = [
  killRedis,
  crashPostgres,
  pausePostgres,
  () => leap('clock of Postgres an hour ahead', '1 hour'),
  () => leap('clock of Postgres an hour back', '-1 hour'),
  () => leapRedis('clock of Redis an hour ahead', 3600),
  () => leapRedis('clock of Redis an hour back', -3600),
]
