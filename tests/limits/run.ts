// `npm run limits -- [N] [--store S] [--seed S] [--json]`: N random schedules on each store, two nodes at once. Exit 0 only if
// nowhere more than burst + rate·t was admitted.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startRedis } from '../support/redis-server.ts'
import { cloneDatabase, startTestPostgres } from '../support/test-postgres.ts'
import type { StoreName } from './node.ts'
import { type Outcome, playSchedules } from './play-schedules.ts'

const STORES: readonly StoreName[] = ['memory', 'postgres', 'redis']
const USAGE = `npm run limits -- [N] [--store memory,postgres,redis] [--seed S] [--json]
Plays N random schedules (1000000 unless told) of weighted uses on each store: concurrent ones, from two processes over one
Postgres or Redis. Exits 0 only if no span of any of them holds more than burst + rate·t, and 99 % of the uses were answered,
where need be after they were asked again; why there was no answer at first is told. The same seed, the same schedules.
`
const SAY_EVERY_MS = 10_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    seed: { type: 'string' },
    store: { type: 'string', default: STORES.join() },
  },
})
const count = Number(positionals[0] ?? 1_000_000)
const seed = Number(values.seed ?? randomInt(1_000_000))
const stores = STORES.filter((name) => values.store.split(',').includes(name))
if (values.help || !Number.isInteger(count) || count < 1 || !Number.isInteger(seed) || stores.length === 0) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}
// Ending in order is what lets a started database be ended too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

async function playOn(store: StoreName): Promise<Outcome> {
  const say = sayNowAndThen(store)
  if (store === 'memory') return await playSchedules({ store, seed }, count, say)
  if (store === 'redis') {
    const redis = await startRedis()
    return await playSchedules({ store, seed, redisUrl: redis.url }, count, say).finally(redis.stop)
  }
  const server = await startTestPostgres()
  try {
    const database = await cloneDatabase(server.config, 'portal')
    return await playSchedules({ store, seed, database: database.poolConfig }, count, say).finally(
      database.close,
    )
  } finally {
    await server.stop()
  }
}

function sayNowAndThen(store: StoreName): (done: number) => void {
  let saidAt = performance.now()
  return (done) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return
    saidAt = performance.now()
    process.stderr.write(`${store}: ${done.toLocaleString('en-AU')} of ${count.toLocaleString('en-AU')}\n`)
  }
}

const outcomes: Outcome[] = []
for (const store of stores) outcomes.push(await playOn(store))
const violations = outcomes.reduce((sum, outcome) => sum + outcome.violations, 0)
// Nothing refused would mean that nothing was tried; much unanswered, that too little was.
const MOST_FAILED = 0.01
const tried = ({ admitted, refused, failed }: Outcome) =>
  refused > 0 && admitted > 0 && failed <= MOST_FAILED * (admitted + refused + failed)
const ok = violations === 0 && outcomes.every(tried)
const again = ({ unanswered }: Outcome) =>
  Object.entries(unanswered).map(([why, times]) => `\n          asked again ${times} times: ${why}`)
const lines = outcomes.map(
  (one) =>
    `${one.store.padEnd(9)} ${one.schedules} schedules, ${one.admitted} admitted, ${one.refused} refused, ${one.failed} not answered, ${one.violations} beyond burst + rate·t (${one.seconds} s)${again(one).join('')}`,
)
const report = { schedules: count, seed, nodes: 2, stores: outcomes, violations, ok }
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `seed ${seed}\n${lines.join('\n')}\n`)
process.exit(ok ? 0 : 1)
