import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import pino from 'pino'
import type { LimitsPort, LimitUse } from '../../portal/src/adapters/limits/port.ts'
import { createPostgresStore } from '../../portal/src/adapters/limits/postgres.ts'
import { createRedisStore } from '../../portal/src/adapters/limits/redis.ts'
import { shiftableClock, shiftClock } from '../../portal/src/adapters/limits/redis-clock.ts'
import { remembering } from '../../portal/src/adapters/limits/remember.ts'
import { GRACE_MS } from '../../portal/src/adapters/limits/shared-store.ts'
import { processTree } from '../support/process-tree.ts'
import { startRedis } from '../support/redis-server.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'
import type { Counts } from './count.ts'

const KEYS = 30
const PACE_MS = 60
const BEFORE_MS = 3000
const AFTER_MS = 5000
const PAUSE_MS = 10_000
/** Six at once, two a second: a window is three seconds. */
const LIMIT = { cost: 1, burst: 6, emissionUs: 500_000 }
const WINDOW_MS = (LIMIT.burst * LIMIT.emissionUs) / 1000
/** Beside a window, nobody may wait for longer than a new epoch is not believed, and a trip. */
const MOST_WAIT_MS = GRACE_MS + 2000

const log = pino({ level: 'silent' })

type Fault = {
  name: string
  nodes: [LimitsPort, LimitsPort]
  /** Resolves when the store could work again. */
  strike(): Promise<void>
  stop(): Promise<void>
}
type Key = {
  use: LimitUse
  admitted: number
  failed: number
  longestMs: number
  lastMs: number
  again: boolean
}

/**
 * Stores of the limits that are killed, paused, or whose clock leaps, under load from two nodes, with keys that move from one
 * node to the other when it happens: nobody may get more than
 * burst + rate·t by any clock that nobody can set, nobody be locked out for longer than a window, and both end by themselves.
 */
export async function runStoreFaults({ seed, say }: { seed: number; say: (line: string) => void }) {
  const total: Counts = { lost: 0, doubled: 0, stuck: 0, orphans: 0, checked: {}, findings: [] }
  const moments: string[] = []
  for (const start of FAULTS) {
    const fault = await start()
    say(fault.name)
    try {
      for (const node of fault.nodes) await counting(node)
      judge(await underLoad(fault), fault.name, total)
      moments.push(fault.name)
    } finally {
      await fault.stop()
    }
  }
  const ok = total.lost + total.doubled + total.stuck === 0 && total.findings.length === 0
  return { ...total, runs: moments.length, seed, moments, ok }
}

type Load = { keys: Key[]; spanMs: number; struckMs: number }

async function underLoad({ nodes, strike }: Fault): Promise<Load> {
  const began = performance.now()
  const keys = Array.from({ length: KEYS }, (_, n): Key => {
    const use = { ...LIMIT, key: `key ${n}` }
    return { use, admitted: 0, failed: 0, longestMs: 0, lastMs: began, again: false }
  })
  const state = { over: false, back: false }
  // Of every three keys one is both nodes' all the time; two move, to the node that never heard of them.
  const load = keys.flatMap((key, n) =>
    nodes.map((node, at) => ask(node, key, state, (back) => n % 3 === 0 || back === (n % 3 === 1 + at))),
  )
  await delay(BEFORE_MS)
  const struckAt = performance.now()
  await strike()
  const struckMs = performance.now() - struckAt
  state.back = true
  await delay(AFTER_MS + WINDOW_MS)
  state.over = true
  await Promise.all(load)
  for (const key of keys) key.longestMs = Math.max(key.longestMs, performance.now() - key.lastMs)
  return { keys, spanMs: performance.now() - began, struckMs }
}

async function ask(
  node: LimitsPort,
  key: Key,
  state: { over: boolean; back: boolean },
  mine: (back: boolean) => boolean,
): Promise<void> {
  while (!state.over) {
    if (!mine(state.back)) {
      await delay(PACE_MS)
      continue
    }
    const verdict = await node.take([key.use]).catch(() => null)
    if (!verdict) key.failed += 1
    else if (verdict.admitted) {
      const now = performance.now()
      key.admitted += 1
      key.longestMs = Math.max(key.longestMs, now - key.lastMs)
      key.lastMs = now
      key.again ||= state.back
    }
    await delay(PACE_MS)
  }
}

function judge({ keys, spanMs, struckMs }: Load, name: string, total: Counts): void {
  const most = Math.floor(LIMIT.burst + (spanMs * 1000) / LIMIT.emissionUs)
  for (const { use, admitted, longestMs, again } of keys) {
    const find = (what: 'lost' | 'doubled' | 'stuck', words: string) => {
      total[what] += 1
      total.findings.push(`${name}, ${use.key}: ${words}`)
    }
    if (admitted > most) find('doubled', `${admitted} admitted, at most ${most} may be`)
    if (!again) find('stuck', 'never admitted again')
    else if (longestMs > struckMs + WINDOW_MS + MOST_WAIT_MS)
      find('lost', `locked out for ${Math.round(longestMs)} ms, a window is ${WINDOW_MS} ms`)
  }
  const sum = (of: (key: Key) => number) => keys.reduce((all, key) => all + of(key), 0)
  total.checked[`admitted (${name})`] = sum(({ admitted }) => admitted)
  total.checked[`asked while it failed (${name})`] = sum(({ failed }) => failed)
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

type Database = { pools: [pg.Pool, pg.Pool]; nodes: [LimitsPort, LimitsPort]; stop(): Promise<void> }

/** @param path search path of the connections; a schema ahead of pg_catalog can stand in for its clock */
async function postgresNodes(path = 'public'): Promise<Database> {
  const server = await startTestPostgres()
  const database = await cloneDatabase(server.config, 'portal')
  if (path !== 'public') await shadowClock(database.pool)
  const pool = () => {
    const made = new pg.Pool({ ...database.poolConfig, max: 4, options: `-c search_path=${path}` })
    made.on('error', () => {})
    return made
  }
  const pools: [pg.Pool, pg.Pool] = [pool(), pool()]
  const node = (one: pg.Pool) => remembering(createPostgresStore({ pool: one, log }))
  const nodes: [LimitsPort, LimitsPort] = [node(pools[0]), node(pools[1])]
  return {
    ...{ pools, nodes },
    async stop() {
      await Promise.all(nodes.map((one) => one.stop()))
      await Promise.all(pools.map((one) => one.end()))
      await database.close()
      await server.stop()
    },
  }
}

async function pausePostgres(): Promise<Fault> {
  const { pools, nodes, stop } = await postgresNodes()
  const { rows } = await pools[0].query<{ pid: number }>('select pg_backend_pid() pid')
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
  const { pools, nodes, stop } = await postgresNodes('shifted,pg_catalog,public')
  return {
    ...{ name, nodes, stop },
    async strike() {
      const { rowCount } = await pools[0].query(`update shifted.clock set by = '${by}'`)
      if (rowCount !== 1) throw new Error('the clock was not moved')
    },
  }
}

/** Its unlogged tables, the counts among them, are empty after that. */
async function crashPostgres(): Promise<Fault> {
  const { pools, nodes, stop } = await postgresNodes()
  const { rows } = await pools[0].query<{ pid: number }>('select pg_backend_pid() pid')
  return {
    ...{ name: 'Postgres crashed, its counts empty', nodes, stop },
    async strike() {
      process.kill(rows[0]?.pid as number, 'SIGKILL')
      await until('Postgres recovered', () => pools[1].query('select from limit_epoch').catch(() => null))
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

const PROBE = { key: 'probe', cost: 1, burst: 1000, emissionUs: 1000 }
const counting = (node: LimitsPort) => until('the store counts', () => node.take([PROBE]).catch(() => null))

const FAULTS = [
  killRedis,
  crashPostgres,
  pausePostgres,
  () => leap('clock of Postgres an hour ahead', '1 hour'),
  () => leap('clock of Postgres an hour back', '-1 hour'),
  () => leapRedis('clock of Redis an hour ahead', 3600),
  () => leapRedis('clock of Redis an hour back', -3600),
]
