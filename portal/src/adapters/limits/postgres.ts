import type pg from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { gatheringConsume, limiterCache } from './consume.ts'
import type { LimitsPort } from './port.ts'

/**
 * Counts in the database, one statement for all uses of a key that wait: the same count for every process. Rows that ended are removed by
 * each process every five minutes.
 */
export function createPostgresLimits({ pool }: { pool: pg.Pool }): LimitsPort {
  const limiterFor = limiterCache((policy) => {
    const limiter = new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      points: policy.limit,
      duration: policy.windowSeconds,
      keyPrefix: policy.name,
    })
    return { limiter, consume: gatheringConsume(limiter) }
  })
  return {
    consume: (policy, key, points = 1) => limiterFor(policy).consume(key, points),
    async reset(policy, key) {
      await limiterFor(policy).limiter.delete(key)
    },
  }
}
