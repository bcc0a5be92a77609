import { Redis } from 'ioredis'
import type { Log } from '#portal/platform/log.ts'
import { costUs, type LimitStore, roomUs } from './gcra.ts'
import { type Answer, type Belief, type Check, DEADLINE_MS, GRACE_MS, trusting } from './shared-store.ts'

const RETRY_MS = 300
const STATES = ['judged', 'other', 'doubt', 'young'] as const

/** The epoch is kept with the server's run: what is read back from its disk may be older than what was counted. */
const NOW_AND_EPOCH = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local born, run = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (.*)$')
local epoch = tonumber(born)
`

/** ARGV: what is believed, then floor, cost and room of each key, in microseconds; answers the state, the epoch, the time,
 * whether it is admitted, and each key's debt. */
const TAKE = `${NOW_AND_EPOCH}
local known, from, to, renew, grace = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1', tonumber(ARGV[5])
local off = now < from or now > to
if not epoch or run ~= ARGV[6] or epoch > now or (epoch == known and renew and off) then
  epoch = now
  redis.call('SET', KEYS[1], string.format('%.0f ', now) .. ARGV[6])
end
if epoch ~= known then return { 1, epoch, now } end
if off then return { 2, epoch, now } end
if now - epoch < grace then return { 3, epoch, now } end
local debts, admitted = {}, 1
for n = 2, #KEYS do
  local at = 3 * n
  local floor, cost, room = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local debt = math.min(room, math.max(0, (tonumber(redis.call('GET', KEYS[n])) or 0) - now, floor))
  debts[n - 1] = debt
  if debt + cost > room then admitted = 0 end
end
for n = 2, #KEYS do
  local debt = debts[n - 1]
  if admitted == 1 then debt = debt + tonumber(ARGV[3 * n + 2]) end
  -- Kept where it is refused too: more than the room, from a clock that was put back, is forgotten for good.
  if debt > 0 then redis.call('SET', KEYS[n], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000) + 1) end
  debts[n - 1] = debt
end
return { 0, epoch, now, admitted, unpack(debts) }
`

/** ARGV: the epoch, then each key's debt. */
const TELL = `${NOW_AND_EPOCH}
if epoch ~= tonumber(ARGV[1]) then return end
for n = 2, #KEYS do
  local debt = math.max(tonumber(ARGV[n]), (tonumber(redis.call('GET', KEYS[n])) or 0) - now)
  redis.call('SET', KEYS[n], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000) + 1)
end
`
const EPOCH_KEY = 'epoch'

type Args = (string | number)[]
type Connection = Redis & {
  limitTake(count: number, ...args: Args): Promise<number[]>
  limitTell(count: number, ...args: Args): Promise<null>
}

/** Counts in Redis, by its clock: one count for every process, one script for a check. `rediss://` for TLS. */
export function createRedisStore({ url, log }: { url: string; log: Log }): LimitStore {
  const redis = connect(url)
  let run: Promise<string> | null = null
  redis.on('error', (error) => log.warn({ err: error }, 'limit store: Redis'))
  // Another server, or the same one started again.
  redis.on('close', () => {
    run = null
  })
  const runNow = () => {
    run ??= runOf(redis).catch((error: unknown) => {
      run = null
      throw error
    })
    return run
  }

  const store = trusting(
    {
      judge: async ([check], belief) => judge(redis, check, belief, await runNow()),
      async tell(debts, epoch) {
        const keys = [EPOCH_KEY, ...debts.map(([key]) => key)]
        await redis.limitTell(keys.length, ...keys, epoch, ...debts.map(([, us]) => us))
      },
      async stop() {
        redis.disconnect()
      },
    },
    { log },
  )
  return {
    async take(uses, floorsUs) {
      const [judged] = await store.take([{ uses, floorsUs }])
      if (!judged) throw new Error('the limit store gave no answer')
      return judged
    },
    follow: store.follow,
    stop: store.stop,
  }
}

function connect(url: string): Connection {
  const redis = new Redis(url, {
    connectTimeout: DEADLINE_MS,
    commandTimeout: DEADLINE_MS,
    // What can't be asked now is told so at once; connecting again goes on without end, well within the grace.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, RETRY_MS),
    enableAutoPipelining: true,
    keyPrefix: 'mm:limit:',
  }) as Connection
  redis.defineCommand('limitTake', { lua: TAKE })
  redis.defineCommand('limitTell', { lua: TELL })
  return redis
}

/** Which run of the server this connection leads to. */
async function runOf(redis: Redis): Promise<string> {
  if (redis.status === 'connecting' || redis.status === 'connect') await readySoon(redis)
  const found = /^run_id:(\w+)/m.exec(await redis.info('server'))
  if (!found?.[1]) throw new Error('Redis does not say which run of it this is')
  return found[1]
}

async function judge(
  redis: Connection,
  { uses, floorsUs }: Check = { uses: [], floorsUs: [] },
  { epoch, fromUs, toUs, renew }: Belief,
  run: string,
): Promise<Answer> {
  const keys = [EPOCH_KEY, ...uses.map(({ key }) => key)]
  const args = uses.flatMap((use, n) => [floorsUs[n] ?? 0, costUs(use), roomUs(use)])
  const [state = 0, born, at, admitted, ...debts] = await redis.limitTake(
    keys.length,
    ...keys,
    ...[epoch, fromUs, toUs, renew ? 1 : 0, GRACE_MS * 1000, run],
    ...args,
  )
  const atUs = Number(at)
  const judged = [{ admitted: admitted === 1, atUs, debtsUs: debts.map(Number) }]
  return { state: STATES[state] ?? 'young', epoch: Number(born), atUs, judged }
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
