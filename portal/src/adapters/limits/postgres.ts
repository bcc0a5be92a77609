import type pg from 'pg'
import { createPool } from '#portal/platform/db.ts'
import type { Log } from '#portal/platform/log.ts'
import { costUs, type Debt, type Judged, type LimitStore, roomUs } from './gcra.ts'
import {
  type Answer,
  type Belief,
  type Check,
  DEADLINE_MS,
  GRACE_MS,
  type SharedStore,
  trusting,
} from './shared-store.ts'

const MOST_IN_A_STATEMENT = 500
const SWEEP_MS = 5 * 60_000
const SWEPT_AT_ONCE = 1000
const MOST_SWEEPS = 200
/** For what is judged, the look for a new epoch beside it, and one that is given up. */
const MOST_CONNECTIONS = 3

const JUDGE = {
  name: 'limit_judge',
  text: `select state, epoch, at_us, admitted, debts_us
    from limit_judge($1::text[], $2::bigint[], $3::int[], $4::int[], $5::bigint[], $6::bigint[], $7, $8, $9, $10, $11)`,
}
const JUDGE_FEW = { name: 'limit_judge_few', text: 'select limit_judge_few($1::text[], $2::bigint[])::text' }
const TELL = { name: 'limit_tell', text: 'select limit_tell($1::text[], $2::bigint[], $3)' }

type Waiting = Check & { resolve: (judged: Judged) => void; reject: (error: unknown) => void }

/**
 * Counts in the database, by its clock: one count for every process. Checks that come while a statement is under way
 * go together in the next one, each judged in its turn. It has connections of its own: what is not yet counted must not
 * wait for requests that are at work. One that gives no answer in time is given up with its connection.
 */
export function createPostgresStore({ database, log }: { database: pg.PoolConfig; log: Log }): LimitStore {
  const bounds = { query_timeout: DEADLINE_MS, connectionTimeoutMillis: DEADLINE_MS }
  const pool = createPool({ ...database, ...bounds, max: MOST_CONNECTIONS }, log)
  const store = trusting(asShared(pool), { log })
  const queue: Waiting[] = []
  let draining: Promise<void> | null = null

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MOST_IN_A_STATEMENT)
      try {
        const judged = await store.take(batch)
        batch.forEach(({ resolve }, n) => void resolve(judged[n] as Judged))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    draining = null
  }

  const sweeper = setInterval(
    () =>
      void sweep(pool).catch((error: unknown) =>
        log.warn({ err: error }, 'old limit counts were not removed'),
      ),
    SWEEP_MS,
  ).unref()
  return {
    take: (uses, floorsUs) =>
      new Promise((resolve, reject) => {
        queue.push({ uses, floorsUs, resolve, reject })
        draining ??= drain()
      }),
    follow: store.follow,
    async stop() {
      clearInterval(sweeper)
      await draining
      await store.stop()
      await pool.end()
    },
  }
}

const asShared = (pool: pg.Pool): SharedStore => ({
  async judge([first, ...more], belief) {
    const one = first && more.length === 0 ? await judgeOne(pool, first, belief) : null
    return one ?? (await judge(pool, first ? [first, ...more] : [], belief))
  },
  async tell(debts: readonly Debt[], epoch) {
    const values = [debts.map(([key]) => key), debts.map(([, us]) => us), epoch]
    await pool.query({ ...TELL, values })
  },
  stop: async () => {},
})

/**
 * The usual case, in as few and plain words as can be: it is waited for by every request. Null where a key stands twice in
 * the check, or what is believed is not so.
 */
async function judgeOne(pool: pg.Pool, { uses, floorsUs }: Check, belief: Belief): Promise<Answer | null> {
  const asked = uses.map((use, place) => ({ ...use, place, floorUs: floorsUs[place] ?? 0 }))
  // By code units, as the table's own order: rows are locked in one order by everybody.
  asked.sort((a, b) => (a.key < b.key ? -1 : 1))
  if (asked.some(({ key }, n) => key === asked[n + 1]?.key)) return null
  const numbers = [belief.epoch, belief.fromUs, belief.toUs, GRACE_MS * 1000]
  for (const use of asked) numbers.push(roomUs(use), use.floorUs, costUs(use))
  const values = [asked.map(({ key }) => key), `{${numbers.join()}}`]
  const { rows } = await pool.query<[string | null]>({ ...JUDGE_FEW, values, rowMode: 'array' })
  const answer = rows[0]?.[0]?.slice(1, -1).split(',').map(Number)
  if (!answer) return null
  const [atUs = 0, fits, ...debtsUs] = answer
  const judged = { admitted: fits === 1, atUs, debtsUs: new Array<number>(uses.length) }
  asked.forEach(({ place }, n) => {
    judged.debtsUs[place] = debtsUs[n] as number
  })
  return { state: 'judged', epoch: belief.epoch, atUs, judged: [judged] }
}

async function judge(pool: pg.Pool, batch: readonly Check[], belief: Belief): Promise<Answer> {
  const uses = batch.flatMap((one) => one.uses)
  // Sorted by code units, as the table's own order: rows are locked in one order by everybody.
  const keys = [...new Set(uses.map(({ key }) => key))].sort()
  const place = new Map(keys.map((key, n) => [key, n + 1]))
  const floors = new Array<number>(keys.length).fill(0)
  for (const { uses, floorsUs } of batch)
    uses.forEach(({ key }, n) => {
      const at = (place.get(key) as number) - 1
      floors[at] = Math.max(floors[at] as number, floorsUs[n] ?? 0)
    })
  const values = [
    keys,
    floors,
    batch.map((one) => one.uses.length),
    uses.map(({ key }) => place.get(key)),
    uses.map(costUs),
    uses.map(roomUs),
    ...[belief.epoch, belief.fromUs, belief.toUs, belief.renew, GRACE_MS * 1000],
  ]
  const { rows } = await pool.query<Row>({ ...JUDGE, values })
  const row = rows[0]
  if (!row) throw new Error('the limit store gave no answer')
  const [atUs, { admitted, debts_us: debtsUs }] = [Number(row.at_us), row]
  let next = 0
  const judged = batch.map(({ uses }, n) => ({
    ...{ admitted: admitted?.[n] === true, atUs },
    debtsUs: uses.map(() => Number(debtsUs?.[next++])),
  }))
  return { state: row.state, epoch: Number(row.epoch), atUs, judged }
}

type Row = {
  state: Answer['state']
  epoch: string
  at_us: string
  admitted: boolean[] | null
  debts_us: string[] | null
}

/** What nobody owes any more is as good as absent. Few at a time: whoever comes back meanwhile waits for no more than these. */
async function sweep(pool: pg.Pool): Promise<void> {
  for (let round = 0; round < MOST_SWEEPS; round += 1) {
    const { rowCount } = await pool.query(
      `delete from limit_arrivals where key in (select key from limit_arrivals
         where arrival_us < extract(epoch from clock_timestamp()) * 1000000 limit ${SWEPT_AT_ONCE} for update skip locked)`,
    )
    if ((rowCount ?? 0) < SWEPT_AT_ONCE) return
  }
}
