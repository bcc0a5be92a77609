import type pg from 'pg'
import type { Log } from '#portal/platform/log.ts'
import { costUs, type Judged, type LimitStore, roomUs } from './gcra.ts'
import type { LimitUse } from './port.ts'

const DEADLINE_MS = 1000
const MOST_IN_A_STATEMENT = 500
const SWEEP_MS = 5 * 60_000

const TAKE = {
  name: 'limit_take',
  text: 'select at_us, admitted, debts_us from limit_take($1::text[], $2::bigint[], $3::int[], $4::int[], $5::bigint[], $6::bigint[])',
}

type Waiting = {
  uses: readonly LimitUse[]
  floorsUs: readonly number[]
  resolve: (judged: Judged) => void
  reject: (error: unknown) => void
}

/**
 * Counts in the database, by its clock: one count for every process. Checks that come while a statement is under way
 * go together in the next one, each judged in its turn.
 */
export function createPostgresStore({ pool, log }: { pool: pg.Pool; log: Log }): LimitStore {
  const queue: Waiting[] = []
  let draining: Promise<void> | null = null

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MOST_IN_A_STATEMENT)
      try {
        const judged = await judge(pool, batch)
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
    async stop() {
      clearInterval(sweeper)
      await draining
    },
  }
}

async function judge(pool: pg.Pool, batch: readonly Waiting[]): Promise<Judged[]> {
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
  ]
  const { rows } = await inTime(pool.query<Row>({ ...TAKE, values }))
  const [row] = rows
  if (!row) throw new Error('the limit store gave no answer')
  let next = 0
  return batch.map(({ uses }, n) => ({
    admitted: row.admitted[n] === true,
    atUs: Number(row.at_us),
    debtsUs: uses.map(() => Number(row.debts_us[next++])),
  }))
}

type Row = { at_us: string; admitted: boolean[]; debts_us: string[] }

/** A database that hangs must not hang its callers. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the limit store did not answer in ${DEADLINE_MS} ms`)),
      DEADLINE_MS,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What nobody owes any more is as good as absent. */
async function sweep(pool: pg.Pool): Promise<void> {
  await pool.query(
    `delete from limit_arrivals where key in (select key from limit_arrivals
       where arrival_us < extract(epoch from clock_timestamp()) * 1000000 limit 10000 for update skip locked)`,
  )
}
