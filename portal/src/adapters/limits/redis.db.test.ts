import pino from 'pino'
import { expect, it } from 'vitest'
import { startRedis } from '../../../../tests/support/redis-server.ts'
import { until } from '../../../../tests/support/until.ts'
import { limitsContract } from './contract.ts'
import { createRedisStore } from './redis.ts'
import { remembering } from './remember.ts'

const log = pino({ level: 'silent' })
const node = (url: string) => remembering(createRedisStore({ url, log }))

limitsContract('Redis', async () => {
  const redis = await startRedis()
  const nodes = [node(redis.url), node(redis.url)] as const
  return {
    nodes: [nodes[0], nodes[1]],
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
