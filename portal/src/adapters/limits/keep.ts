import type pg from 'pg'
import type { Log } from '#portal/platform/log.ts'
import type { LimitStore } from './gcra.ts'
import type { MemoryStore } from './memory.ts'

const SETTLE_MS = 1000
/** What is owed for less than this is paid back before a restart is over. */
const WORTH_KEEPING_US = 5_000_000
const MOST_KEYS = 100_000

/**
 * A store in memory that a restart does not empty: what a key owes is written to the database once a second, behind the
 * requests, and read at the start. For the one process of an embedded database; a killed one forgets a second.
 */
export function keptInDatabase(memory: MemoryStore, { pool, log }: { pool: pg.Pool; log: Log }): LimitStore {
  const unsettled = new Map<string, number>()
  let read: Promise<void> | null = null

  async function settle(): Promise<void> {
    if (unsettled.size === 0) return
    const owed = [...unsettled]
    unsettled.clear()
    await pool.query(
      `insert into limit_arrivals (key, arrival_us)
       select key, extract(epoch from clock_timestamp()) * 1000000 + owed from unnest($1::text[], $2::bigint[]) debt (key, owed)
       on conflict (key) do update set arrival_us = excluded.arrival_us`,
      [owed.map(([key]) => key), owed.map(([, us]) => us)],
    )
  }
  const settler = setInterval(
    () => void settle().catch((error: unknown) => log.warn({ err: error }, 'limit counts were not kept')),
    SETTLE_MS,
  ).unref()

  return {
    async take(uses, floorsUs) {
      read ??= readKept(memory, pool)
      await read.catch((error: unknown) => {
        read = null
        throw error
      })
      const judged = await memory.take(uses, floorsUs)
      if (judged.admitted)
        uses.forEach(({ key }, n) => {
          const debt = judged.debtsUs[n] ?? 0
          if (debt > WORTH_KEEPING_US && unsettled.size < MOST_KEYS) unsettled.set(key, debt)
        })
      return judged
    },
    async stop() {
      clearInterval(settler)
      await settle().catch((error: unknown) => log.warn({ err: error }, 'limit counts were not kept'))
      await memory.stop()
    },
  }
}

/** What was owed when the last process ended, less what time has paid back since. */
async function readKept(memory: MemoryStore, pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ key: string; owed: string }>(
    `select key, arrival_us - (extract(epoch from clock_timestamp()) * 1000000)::bigint owed from limit_arrivals
     where arrival_us > extract(epoch from clock_timestamp()) * 1000000`,
  )
  for (const { key, owed } of rows) memory.owe(key, Number(owed))
  await pool.query(
    'delete from limit_arrivals where arrival_us < extract(epoch from clock_timestamp()) * 1000000',
  )
}
