import { loadavg } from 'node:os'
import { createTestApp, type TestApp } from '../support/test-app.ts'
import { serveTestApp } from '../support/test-http.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import { type BenchResult, percentiles } from './bench.ts'
import { fillingFor, fillShares } from './fill-shares.ts'
import { SHARE_QUERIES } from './share-queries.ts'
import { startLoad } from './workers/load-generator.ts'
import type { Slice, Target } from './workers/request-loop.ts'

const SHARES = 1_000_000
const CONNECTIONS = 10
/** The same person, door, limits and transaction around one look at an empty table: a page without its list. */
const DOOR_ALONE = '/api/admin/share-views'
const BAR_MS = 50
/** Rounds of the whole mix, that every query is counted often enough. */
const WARM_UP_MS = 10_000
const SERIAL_MS = 40_000
const CROWDED_MS = 20_000

/**
 * First pages of the staff's list over a million shares, at the API: one administrator asks for everything that the
 * page offers, one request after the other, and that is judged. Notes: the same without a list, in turn with them, and
 * ten at once, which on two cores, with the load generator on the same, measure the machine. `--shares N` fills fewer.
 */
export async function run(): Promise<BenchResult> {
  const shares = sharesAsked()
  const postgres = await startTestPostgres()
  try {
    const database = await cloneDatabase(postgres.config, 'portal')
    const t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false', LOG_LEVEL: 'error' }, database)
    try {
      const began = performance.now()
      await fillShares(t.app.pool, fillingFor(shares), t.app.clock())
      const filledSeconds = (performance.now() - began) / 1000
      return judge(await measure(t), { shares, 'filled in, s': filledSeconds })
    } finally {
      await t.stop()
    }
  } finally {
    await postgres.stop()
  }
}

type Measured = {
  serial: Slice
  crowded: Slice
  /** Averages of the last minute, around the serial slice. */
  loads: number[]
}

const loadNow = () => loadavg()[0] ?? Number.NaN

async function measure(t: TestApp): Promise<Measured> {
  const http = await serveTestApp(t)
  try {
    const targets = await targetsOf(t, http)
    const alone = await startLoad(targets, 1)
    const crowd = await startLoad(targets, CONNECTIONS)
    try {
      await alone.run(WARM_UP_MS)
      const before = loadNow()
      const serial = await alone.run(SERIAL_MS)
      const loads = [before, loadNow()]
      const measured = { serial, crowded: await crowd.run(CROWDED_MS), loads }
      const refused = measured.serial.refused + measured.crowded.refused
      if (refused > 0) throw new Error(`${refused} requests were not answered 200`)
      return measured
    } finally {
      alone.stop()
      crowd.stop()
    }
  } finally {
    await http.stop()
  }
}

async function targetsOf(t: TestApp, http: Awaited<ReturnType<typeof serveTestApp>>): Promise<Target[]> {
  const admin = await t.person('admin')
  const { rows } = await t.app.pool.query<{ email: string }>('select email from users where id = $1', [
    admin.id,
  ])
  const answer = await http.signIn(rows[0]?.email ?? '', 'correct horse battery')
  if (answer.status !== 200) throw new Error(`the sign-in was answered ${answer.status}`)
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const paths = Object.values(SHARE_QUERIES).map(
    (query) => `/api/admin/share-tokens?${new URLSearchParams(query)}`,
  )
  return [...paths, DOOR_ALONE].map((path) => ({ method: 'GET', url: `${http.origin}${path}`, cookie }))
}

function judge({ serial, crowded, loads }: Measured, notes: Record<string, number>): BenchResult {
  const kinds = Object.keys(SHARE_QUERIES)
  const ofKind = (slice: Slice, place: number) =>
    percentiles(slice.durationsMs.filter((_, n) => slice.turns[n] === place))
  const alone = kinds.map((_, place) => ofKind(serial, place))
  const together = kinds.map((_, place) => ofKind(crowded, place))
  const worst = Math.max(...alone.map(({ p95 }) => p95))
  const figures = ({ p50, p95, p99 }: (typeof alone)[number]) =>
    [p50, p95, p99].map((ms) => ms.toFixed(1).padStart(6)).join(' ')
  return {
    ours: worst,
    floor: null,
    ratio: null,
    ...percentiles(serial.durationsMs),
    unit: 'ms, p95 of the slowest question; p50, p95, p99 of all of them in turn',
    bar: `p95 under ${BAR_MS} ms at the API for each question, asked one after the other`,
    holds: worst < BAR_MS,
    notes: {
      ...notes,
      'load of the machine, before and after': loads.map((load) => load.toFixed(1)).join(', '),
      [`p95 of the mix, c=${CONNECTIONS}, not judged`]: percentiles(crowded.durationsMs).p95,
      [`requests/s, c=${CONNECTIONS}`]: crowded.durationsMs.length / (crowded.elapsedMs / 1000),
      'each question': 'p50, p95, p99 in ms',
      'the door alone': `alone ${figures(ofKind(serial, kinds.length))}   c=${CONNECTIONS} ${figures(ofKind(crowded, kinds.length))}`,
      ...Object.fromEntries(
        kinds.map((kind, n) => [
          kind,
          `alone ${figures(alone[n]!)}   c=${CONNECTIONS} ${figures(together[n]!)}`,
        ]),
      ),
    },
  }
}

function sharesAsked(): number {
  const place = process.argv.indexOf('--shares')
  const asked = place < 0 ? SHARES : Number(process.argv[place + 1])
  if (!Number.isInteger(asked) || asked < 1000) throw new Error('--shares takes a whole number from 1000 on')
  return asked
}
