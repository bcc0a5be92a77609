import type pg from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { consumeFrom, limiterCache } from './consume.ts'
import type { LimitsPort } from './port.ts'

/**
 * Counts in the database, one statement a use: the same count for every process. Rows that ended are removed by
 * each process every five minutes.
 */
export function createPostgresLimits({ pool }: { pool: pg.Pool }): LimitsPort {
  const limiterFor = limiterCache(
    (policy) =>
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        points: policy.limit,
        duration: policy.windowSeconds,
        keyPrefix: policy.name,
      }),
  )
  return {
    consume: (policy, key, points = 1) => consumeFrom(limiterFor(policy), key, points),
    async reset(policy, key) {
      await limiterFor(policy).delete(key)
    },
  }
}
