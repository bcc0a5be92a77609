import { RateLimiterMemory } from 'rate-limiter-flexible'
import { consumeFrom, limiterCache } from './consume.ts'
import type { LimitsPort } from './port.ts'

/** Counts inside this process: right where there is one process, or each may count for itself. */
export function createMemoryLimits(): LimitsPort {
  const limiterFor = limiterCache(
    (policy) =>
      new RateLimiterMemory({ points: policy.limit, duration: policy.windowSeconds, keyPrefix: policy.name }),
  )
  return {
    consume: (policy, key, points = 1) => consumeFrom(limiterFor(policy), key, points),
    async reset(policy, key) {
      await limiterFor(policy).delete(key)
    },
  }
}
