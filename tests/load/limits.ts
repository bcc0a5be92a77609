import { createServer } from 'node:http'
import { connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import pino from 'pino'
import { keptInDatabase } from '../../portal/src/adapters/limits/keep.ts'
import { createMemoryStore } from '../../portal/src/adapters/limits/memory.ts'
import type { LimitsPort } from '../../portal/src/adapters/limits/port.ts'
import { createPostgresStore } from '../../portal/src/adapters/limits/postgres.ts'
import { createRedisStore } from '../../portal/src/adapters/limits/redis.ts'
import { remembering } from '../../portal/src/adapters/limits/remember.ts'
import { limitReading, limitTo } from '../../portal/src/api/rate-limit.ts'
import { type Env, requestContext } from '../../portal/src/api/request-context.ts'
import { viewerOf } from '../../portal/src/api/share-door.ts'
import { VIEWER_COOKIE } from '../../portal/src/api/viewer-cookie.ts'
import { issuePlayback } from '../../portal/src/modules/playback/issue-playback.ts'
import { createShare } from '../../portal/src/modules/sharing/create-share.ts'
import { openShare } from '../../portal/src/modules/sharing/open-share.ts'
import type { App } from '../../portal/src/platform/app.ts'
import { ANONYMOUS } from '../../portal/src/platform/context.ts'
import { listenOnFreePort } from '../support/listen.ts'
import { startRedis } from '../support/redis-server.ts'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { until } from '../support/until.ts'
import { type BenchResult, percentile, percentiles } from './bench.ts'
import { startLoad } from './workers/load-generator.ts'
import type { Target } from './workers/request-loop.ts'

const BAR_MS = 0.5
const WARM_UP_MS = 1000
const SLICES = 12
const SLICE_MS = 2500
const COUNT_ONE = {
  name: 'count_one',
  text: `insert into limit_arrivals as held (key, arrival_us) values ('one', 1)
    on conflict (key) do update set arrival_us = held.arrival_us + 1`,
}

/** Each slice's durations: with the check, without it, and with the least count that the store's server can keep. */
type Times = { withCheck: number[][]; without: number[][]; leastCount: number[][] }
type Measured = { store: string; request: string; times: Times; floor: Floor }
/** A store, and where others count in it too, one key counted up by its server: no limit that holds for all is had for less. */
type Store = { port: LimitsPort; countOne: (() => Promise<unknown>) | null }
type Floor = 'without' | 'leastCount'

/**
 * The same request with and without its limits, turn by turn over one connection from a process of its own: what the check
 * adds, on each store. The bar is on the store of `npm run up`, where the process itself counts. Where a server counts for
 * several processes, a trip to it is part of any limit, and takes what the server and the network take: those are told beside
 * it, with what one key counted up there adds. Reading: a link is opened. Changing: a view is renewed. Both are counted by
 * address, network and link.
 */
export async function run(): Promise<BenchResult> {
  const server = await startTestPostgres()
  const redis = await startRedis()
  try {
    const database = await cloneDatabase(server.config, 'portal')
    // Nothing is refused, and everything is counted.
    const t = await createTestApp({ RATE_LIMIT_ENFORCED: 'true', LOG_LEVEL: 'error' }, database)
    const { pool } = t.app
    const log = pino({ level: 'error' })
    const plain = connect(Number(new URL(redis.url).port), '127.0.0.1').setNoDelay()
    try {
      await t.app.ports.limits.stop()
      await liftLimits(t)
      const viewer = await openView(t)
      const stores: Record<string, Store> = {
        'memory, kept in the database': {
          port: remembering(keptInDatabase(createMemoryStore(), { pool, log })),
          countOne: null,
        },
        Postgres: {
          port: remembering(createPostgresStore({ database: database.poolConfig, log })),
          countOne: () => pool.query(COUNT_ONE),
        },
        Redis: {
          port: remembering(createRedisStore({ url: redis.url, log })),
          countOne: () =>
            new Promise((answered) => {
              plain.once('data', answered)
              plain.write('INCR one\r\n')
            }),
        },
      }
      const measured: Measured[] = []
      for (const [name, store] of Object.entries(stores))
        measured.push(...(await measureOn(t, name, store, viewer)))
      return judge(measured)
    } finally {
      plain.destroy()
      await t.stop()
    }
  } finally {
    await redis.stop()
    await server.stop()
  }
}

type Viewer = { token: string; cookie: string }

/** A browser that watches a link. */
async function openView({ app, person, video }: TestApp): Promise<Viewer> {
  const agency = await person('agency')
  const input = { videoId: await video(agency), access: 'link' } as const
  const made = await app.call(createShare, input, app.newContext(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const { token } = made
  const { newCookie } = await app.call(issuePlayback, { token, cookie: null }, app.newContext(ANONYMOUS))
  return { token, cookie: `${VIEWER_COOKIE}=${newCookie}` }
}

async function measureOn({ app }: TestApp, name: string, { port, countOne }: Store, viewer: Viewer) {
  Object.assign(app.ports, { limits: port })
  const probe = { key: 'probe', cost: 1, burst: 1000, emissionUs: 1000 }
  await until('the store counts', () => port.take([probe]).catch(() => null))
  const http = createServer(getRequestListener(doors(app, countOne).fetch, { overrideGlobalObjects: false }))
  const { origin, stop } = await listenOnFreePort(http)
  const measure = async (method: 'GET' | 'POST', request: string): Promise<Measured> => {
    const urls = ['with', 'without', 'least'].map((path) => `${origin}/${path}/${viewer.token}`)
    await mustBeCounted(urls, { method, headers: { cookie: viewer.cookie } })
    const times = await timeTurns(urls.map((url) => ({ url, cookie: viewer.cookie, method })))
    return { store: name, request, times, floor: countOne ? 'leastCount' : 'without' }
  }
  try {
    return [
      await measure('GET', 'a request that reads'),
      await measure('POST', 'a request that changes something'),
    ]
  } finally {
    await stop()
    await port.stop()
  }
}

/** The product's operations behind its own limits, behind none, and behind one key counted up. */
function doors(app: App, countOne: Store['countOne']): Hono<Env> {
  const api = new Hono<Env>()
  const open: Handler<Env> = async (c) =>
    c.json(await c.get('app').call(openShare, viewerOf(c), c.get('ctx')))
  const issue: Handler<Env> = async (c) =>
    c.json(await c.get('app').call(issuePlayback, viewerOf(c), c.get('ctx')))
  const least: MiddlewareHandler<Env> = async (_, next) => {
    await countOne?.()
    await next()
  }
  api.use(requestContext(app))
  api.get('/with/:token', limitReading('playback'), open)
  api.post('/with/:token', limitTo('playback'), issue)
  api.get('/without/:token', open)
  api.post('/without/:token', issue)
  api.get('/least/:token', least, open)
  api.post('/least/:token', least, issue)
  return api
}

async function mustBeCounted([counted = '', free = '']: string[], request: RequestInit): Promise<void> {
  const answers = await Promise.all([fetch(counted, request), fetch(free, request)])
  for (const { ok, status } of answers) if (!ok) throw new Error(`the request was answered ${status}`)
  const [told, silent] = answers.map(({ headers }) => headers.get('ratelimit'))
  if (!told?.includes('playback-share') || silent)
    throw new Error('not counted, or counted where it must not be')
}

/** One after the other, the targets in turn. */
async function timeTurns(targets: Target[]): Promise<Times> {
  const load = await startLoad(targets, 1)
  const times: Times = { withCheck: [], without: [], leastCount: [] }
  try {
    await load.run(WARM_UP_MS)
    for (let n = 0; n < SLICES; n += 1) {
      const { durationsMs, turns, refused } = await load.run(SLICE_MS)
      if (refused > 0) throw new Error(`${refused} of ${turns.length} requests were refused`)
      times.withCheck.push(durationsMs.filter((_, at) => turns[at] === 0))
      times.without.push(durationsMs.filter((_, at) => turns[at] === 1))
      times.leastCount.push(durationsMs.filter((_, at) => turns[at] === 2))
    }
  } finally {
    load.stop()
  }
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

/** What comes on top at a percentile: the middle one of the slices, as a neighbour's work falls into some of them. */
function added(ours: number[][], floor: number[][], p: number): number {
  return percentile(
    ours.map((slice, n) => percentile(slice, p) - percentile(floor[n] ?? [], p)),
    50,
  )
}

function inWords({ times: { withCheck, without, leastCount }, floor }: Measured): string {
  const compare = (ours: number[][], theirs: number[][]) =>
    `p50 ${signed(added(ours, theirs, 50))}, p95 ${signed(added(ours, theirs, 95))} ms`
  const whole = `${compare(withCheck, without)} on ${percentile(without.flat(), 95).toFixed(2)}`
  if (floor === 'without') return whole
  return `${whole}; on top of the least count ${compare(withCheck, leastCount)} (which adds ${compare(leastCount, without)})`
}

const signed = (ms: number) => `${ms < 0 ? '-' : '+'}${Math.abs(ms).toFixed(3)}`

function judge(measured: Measured[]): BenchResult {
  const addedBy = ({ times }: Measured) => added(times.withCheck, times.without, 95)
  const own = measured.filter(({ floor }) => floor === 'without')
  const worst = own.toSorted((a, b) => addedBy(b) - addedBy(a))[0] as Measured
  const [ours, floor] = [worst.times.withCheck.flat(), worst.times.without.flat()]
  return {
    ours: percentile(ours, 95),
    floor: percentile(floor, 95),
    ratio: percentile(ours, 95) / percentile(floor, 95),
    ...percentiles(ours),
    unit: `ms at p95, ${worst.request}, with its limits and without, on ${worst.store}`,
    bar: `under ${BAR_MS} ms added at p95 by the store of npm run up; stores of several processes are told beside it`,
    holds: addedBy(worst) < BAR_MS,
    notes: Object.fromEntries(measured.map((one) => [`${one.store}, ${one.request}`, inWords(one)])),
  }
}
