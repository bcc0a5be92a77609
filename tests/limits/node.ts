// One node of `npm run limits`: a process with a store of its own, told over IPC which schedules to play its part of.
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import pino from 'pino'
import type { LimitStore } from '../../portal/src/adapters/limits/gcra.ts'
import { createMemoryStore } from '../../portal/src/adapters/limits/memory.ts'
import type { LimitUse, LimitVerdict } from '../../portal/src/adapters/limits/port.ts'
import { createPostgresStore } from '../../portal/src/adapters/limits/postgres.ts'
import { createRedisStore } from '../../portal/src/adapters/limits/redis.ts'
import { remembering } from '../../portal/src/adapters/limits/remember.ts'
import { until } from '../support/until.ts'
import { ROUNDS, scheduleOf } from './schedule.ts'

export type StoreName = 'memory' | 'postgres' | 'redis'
export type NodeOptions = {
  store: StoreName
  /** Which of the two it is; a store in memory is one process's own, which then plays both parts. */
  node: 0 | 1 | 'both'
  seed: number
  database?: pg.PoolConfig
  redisUrl?: string
}
/** Schedules from `first` on, `count` of them. */
export type Order = { first: number; count: number }
/** Of each schedule in turn: its number, then the time and cost of each admission, flat. */
export type Played = {
  admissions: [n: number, atUs: number, cost: number][]
  refused: number
  /** Never answered, however often it was asked again: nobody was let in. */
  failed: number
  /** Why the store gave no answer, how often; what was asked again is as good as one more use. */
  unanswered: Record<string, number>
}

const log = pino({ level: 'silent' })
const options = JSON.parse(process.argv[2] ?? '{}') as NodeOptions

function openStore(): LimitStore {
  if (options.store === 'memory') return createMemoryStore()
  if (options.store === 'redis') return createRedisStore({ url: options.redisUrl ?? '', log })
  return createPostgresStore({ database: options.database ?? {}, log })
}

const limits = remembering(openStore())
const PROBE = { key: 'probe', cost: 1, burst: 1000, emissionUs: 1000 }
/** A store that began a moment ago is not believed yet. */
const counting = until('the store counts', () => limits.take([PROBE]).catch(() => null))

// A request has a second; on a crowded machine the answer to a thousand at once takes longer than that.
const MOST_TRIES = 10
const PAUSE_MS = 500

/** Null where there was no answer. A use that was counted and not answered is no admission to anybody. */
async function take(use: LimitUse, unanswered: Played['unanswered']): Promise<LimitVerdict | null> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (tries > 0) await delay(PAUSE_MS)
    try {
      return await limits.take([use])
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      unanswered[why] = (unanswered[why] ?? 0) + 1
    }
  }
  return null
}

async function play({ first, count }: Order): Promise<Played> {
  await counting
  const played: Played = { admissions: [], refused: 0, failed: 0, unanswered: {} }
  const schedules = Array.from({ length: count }, (_, at) => scheduleOf(options.seed, first + at))
  for (let round = 0; round < ROUNDS; round += 1)
    await Promise.all(
      schedules.flatMap(({ key, burst, emissionUs, arrivals }, at) =>
        arrivals
          .filter((one) => one.round === round && (options.node === 'both' || one.node === options.node))
          .map(async ({ cost }) => {
            const verdict = await take({ key, burst, emissionUs, cost }, played.unanswered)
            if (!verdict) played.failed += 1
            else if (verdict.admitted) played.admissions.push([first + at, verdict.atUs, cost])
            else played.refused += 1
          }),
      ),
    )
  return played
}

process.on('message', (order: Order) => {
  play(order).then(
    (played) => process.send?.(played),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
