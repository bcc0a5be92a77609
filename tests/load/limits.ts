import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import pg from 'pg'
import pino from 'pino'
import { keptInDatabase } from '../../portal/src/adapters/limits/keep.ts'
import { createMemoryStore } from '../../portal/src/adapters/limits/memory.ts'
import type { LimitsPort } from '../../portal/src/adapters/limits/port.ts'
import { createPostgresStore } from '../../portal/src/adapters/limits/postgres.ts'
import { createRedisStore } from '../../portal/src/adapters/limits/redis.ts'
import { remembering } from '../../portal/src/adapters/limits/remember.ts'
import { limitTo } from '../../portal/src/api/rate-limit.ts'
import { type Env, requestContext } from '../../portal/src/api/request-context.ts'
import { getShareLimits } from '../../portal/src/modules/sharing/set-share-limits.ts'
import { listenOnFreePort } from '../support/listen.ts'
import { startRedis } from '../support/redis-server.ts'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'
import { type BenchResult, percentile, percentiles } from './bench.ts'

const BAR_MS = 0.5
const WARM_UP = 300
const PAIRS = 3000

type Times = { withCheck: number[]; without: number[] }

/**
 * The same request with and without its limits, turn by turn over one connection: what the check adds, on each store. The
 * request reads one row in a transaction; it is counted by address, network and link, as an opened link is.
 */
export async function run(): Promise<BenchResult> {
  const server = await startTestPostgres()
  const redis = await startRedis()
  try {
    const database = await cloneDatabase(server.config, 'portal')
    // Nothing is refused, and everything is counted.
    const t = await createTestApp({ RATE_LIMIT_ENFORCED: 'true', LOG_LEVEL: 'error' }, database)
    const pool = new pg.Pool(database.poolConfig)
    const log = pino({ level: 'error' })
    try {
      await t.app.ports.limits.stop()
      const stores = {
        'memory, kept in the database': remembering(keptInDatabase(createMemoryStore(), { pool, log })),
        Postgres: remembering(createPostgresStore({ pool, log })),
        Redis: remembering(createRedisStore({ url: redis.url, log })),
      }
      const measured: [string, Times][] = []
      for (const [name, port] of Object.entries(stores)) measured.push([name, await measure(t, port)])
      return judge(measured)
    } finally {
      await pool.end()
      await t.stop()
    }
  } finally {
    await redis.stop()
    await server.stop()
  }
}

async function measure(t: TestApp, port: LimitsPort): Promise<Times> {
  const admin = t.app.newContext(await t.person('admin', { groups: ['security'] }))
  const { app } = t
  Object.assign(app.ports, { limits: port })
  await liftLimits(t)
  const probe = { key: 'probe', cost: 1, burst: 1000, emissionUs: 1000 }
  await until('the store counts', () => port.take([probe]).catch(() => null))
  const api = new Hono<Env>()
  api.use(requestContext(app))
  const answer = async () => Response.json(await app.call(getShareLimits, {}, admin))
  api.get('/without/:token', answer)
  api.get('/with/:token', limitTo('playback'), answer)
  const http = createServer(getRequestListener(api.fetch, { overrideGlobalObjects: false }))
  const { origin, stop } = await listenOnFreePort(http)
  const ask = async (path: string) => {
    const began = performance.now()
    const response = await fetch(`${origin}/${path}/token`)
    await response.arrayBuffer()
    const ms = performance.now() - began
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
    if (path === 'with' && !response.headers.get('ratelimit')?.includes('playback-share'))
      throw new Error('the request was not counted')
    return ms
  }
  const times: Times = { withCheck: [], without: [] }
  for (let n = -WARM_UP; n < PAIRS; n += 1) {
    // Each comes first every other time.
    const order = n % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)
    for (const path of order) {
      const ms = await ask(path)
      if (n >= 0) times[path === 'with' ? 'withCheck' : 'without'].push(ms)
    }
  }
  await stop()
  await port.stop()
  return times
}

/** So high that a loop on one address is never refused. */
async function liftLimits({ app }: TestApp): Promise<void> {
  const high = { quota: 1_000_000, windowSeconds: 1, burst: 1_000_000, mode: 'enforce' }
  const rules = { playback: high, 'playback-network': high, 'playback-share': high }
  await app.pool.query(
    `insert into limit_policies (version, rules, reason, set_by, set_at) values (1, $1, 'benchmark', 'bench', now())
     on conflict do nothing`,
    [JSON.stringify(rules)],
  )
}

const SLICES = 6

/** What the check adds at a percentile: the middle one of the slices, as a neighbour's work falls into some of them. */
function added({ withCheck, without }: Times, p: number): number {
  const size = PAIRS / SLICES
  const slices = Array.from({ length: SLICES }, (_, n) => [n * size, (n + 1) * size] as const)
  return percentile(
    slices.map(
      ([from, to]) => percentile(withCheck.slice(from, to), p) - percentile(without.slice(from, to), p),
    ),
    50,
  )
}

function judge(measured: [string, Times][]): BenchResult {
  const [, first] = measured[0] as [string, Times]
  const worst = Math.max(...measured.map(([, times]) => added(times, 95)))
  const notes = measured.map(([name, times]) => [
    name,
    `p50 +${added(times, 50).toFixed(3)} ms, p95 +${added(times, 95).toFixed(3)} ms (with ${percentile(times.withCheck, 95).toFixed(3)}, without ${percentile(times.without, 95).toFixed(3)})`,
  ])
  return {
    ours: percentile(first.withCheck, 95),
    floor: percentile(first.without, 95),
    ratio: percentile(first.withCheck, 95) / percentile(first.without, 95),
    ...percentiles(first.withCheck),
    unit: 'ms at p95, request with its limits and without',
    bar: `under ${BAR_MS} ms added at p95, on every store`,
    holds: worst < BAR_MS,
    notes: Object.fromEntries(notes),
  }
}
