import pino from 'pino'
import { expect, it } from 'vitest'
import { startRedis } from '../../../../tests/support/redis-server.ts'
import { until } from '../../../../tests/support/until.ts'
import { counting, limitsContract } from './contract.ts'
import { createRedisStore } from './redis.ts'
import { shiftableClock, shiftClock } from './redis-clock.ts'
import { remembering } from './remember.ts'

const log = pino({ level: 'silent' })
const node = (url: string) => remembering(createRedisStore({ url, log }))

limitsContract('Redis', async () => {
  const redis = await startRedis()
  const nodes = [node(redis.url), node(redis.url)] as const
  return {
    nodes: [nodes[0], nodes[1]],
    async lose() {
      await redis.kill()
      await redis.restart()
    },
    async stop() {
      await Promise.all(nodes.map((one) => one.stop()))
      await redis.stop()
    },
  }
})

it('throws while the server is gone, and takes up again with what it had admitted', async () => {
  const redis = await startRedis()
  const limits = node(redis.url)
  const use = { key: 'one', cost: 1, burst: 2, emissionUs: 600_000_000 }
  const other = { ...use, key: 'other' }
  await counting(limits)
  expect((await limits.take([use])).admitted).toBe(true)
  expect((await limits.take([use])).admitted).toBe(true)
  await redis.kill()
  await expect(limits.take([other])).rejects.toThrow()
  await redis.restart()
  const back = () => limits.take([other]).catch(() => null)
  expect((await until('the limits count again', back))?.admitted).toBe(true)
  expect((await limits.take([use])).admitted).toBe(false)
  await limits.stop()
  await redis.stop()
})

it.each([3600, -3600])(
  'gives no new burst, on whichever node, where the clock leaps by %i s',
  async (seconds) => {
    const redis = await startRedis()
    const undo = shiftableClock()
    const [one, two] = [node(redis.url), node(redis.url)]
    undo()
    const use = { key: 'one', cost: 1, burst: 3, emissionUs: 600_000_000 }
    for (const each of [one, two]) await counting(each)
    for (let n = 0; n < 3; n++) expect((await one.take([use])).admitted).toBe(true)
    await shiftClock(redis.url, seconds)
    // The one that knows nothing of the key asks first, and again when the store is believed again.
    expect(await two.take([use]).catch(() => null)).not.toMatchObject({ admitted: true })
    await counting(two)
    expect((await two.take([use])).admitted).toBe(false)
    expect((await two.take([{ ...use, key: 'never asked' }])).admitted).toBe(true)
    await Promise.all([one.stop(), two.stop()])
    await redis.stop()
  },
)
