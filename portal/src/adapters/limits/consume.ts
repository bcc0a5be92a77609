import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { LimitPolicy, LimitVerdict } from './port.ts'

/** One limiter a policy, made when it is first met; a policy with other numbers is another policy. */
export function limiterCache<T>(create: (policy: LimitPolicy) => T): (policy: LimitPolicy) => T {
  const made = new Map<string, T>()
  return (policy) => {
    const name = `${policy.name}:${policy.limit}:${policy.windowSeconds}`
    const known = made.get(name)
    if (known) return known
    const limiter = create(policy)
    made.set(name, limiter)
    return limiter
  }
}

/** Uses points; a store that fails throws, so that the caller decides whether to refuse. */
export async function consumeFrom(
  limiter: RateLimiterAbstract,
  key: string,
  points: number,
): Promise<LimitVerdict> {
  try {
    return verdictOf(await limiter.consume(key, points), true)
  } catch (error) {
    // The library rejects with a result where the limit is reached, with an Error where its store failed.
    if (error instanceof RateLimiterRes) return verdictOf(error, false)
    throw error
  }
}

function verdictOf(result: RateLimiterRes, allowed: boolean): LimitVerdict {
  return { allowed, remaining: result.remainingPoints, resetSeconds: Math.ceil(result.msBeforeNext / 1000) }
}
