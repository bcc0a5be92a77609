import { Redis } from 'ioredis'
import type { Log } from '#portal/platform/log.ts'
import { costUs, type Judged, type LimitStore, roomUs } from './gcra.ts'

const DEADLINE_MS = 1000

/** ARGV: floor, cost and room of each key, in microseconds; answers admitted, the time, and each key's debt. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local debts, admitted = {}, 1
for n, key in ipairs(KEYS) do
  local floor, cost, room = tonumber(ARGV[3 * n - 2]), tonumber(ARGV[3 * n - 1]), tonumber(ARGV[3 * n])
  local debt = math.min(room, math.max(0, (tonumber(redis.call('GET', key)) or 0) - now, floor))
  debts[n] = debt
  if debt + cost > room then admitted = 0 end
end
for n, key in ipairs(KEYS) do
  if admitted == 1 then debts[n] = debts[n] + tonumber(ARGV[3 * n - 1]) end
  -- Kept where it is refused too: more than the room, from a clock that was put back, is forgotten for good.
  if debts[n] > 0 then
    redis.call('SET', key, string.format('%.0f', now + debts[n]), 'PX', math.ceil(debts[n] / 1000) + 1)
  end
end
return { admitted, now, unpack(debts) }
`

type Connection = Redis & { limitTake(count: number, ...args: (string | number)[]): Promise<number[]> }

/** Counts in Redis, by its clock: one count for every process, one script for a check. `rediss://` for TLS. */
export function createRedisStore({ url, log }: { url: string; log: Log }): LimitStore {
  const redis = new Redis(url, {
    connectTimeout: DEADLINE_MS,
    commandTimeout: DEADLINE_MS,
    // What can't be asked now is told so at once; connecting again goes on without end.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, DEADLINE_MS),
    enableAutoPipelining: true,
    keyPrefix: 'mm:limit:',
  }) as Connection
  redis.defineCommand('limitTake', { lua: TAKE })
  let opening: Promise<void> | null = null
  redis.on('error', (error) => log.warn({ err: error }, 'limit store: Redis'))
  return {
    async take(uses, floorsUs): Promise<Judged> {
      if (redis.status === 'connecting' || redis.status === 'connect') {
        opening ??= readySoon(redis)
        await opening
        opening = null
      }
      const args = uses.flatMap((use, n) => [floorsUs[n] ?? 0, costUs(use), roomUs(use)])
      const [admitted, atUs, ...debtsUs] = await redis.limitTake(
        uses.length,
        ...uses.map(({ key }) => key),
        ...args,
      )
      return { admitted: admitted === 1, atUs: Number(atUs), debtsUs: debtsUs.map(Number) }
    },
    async stop() {
      redis.disconnect()
    },
  }
}

/** The first requests of a process may come before its connection does. */
function readySoon(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      redis.off('ready', done).off('close', done)
      resolve()
    }
    const timer = setTimeout(done, DEADLINE_MS)
    redis.once('ready', done).once('close', done)
  })
}
