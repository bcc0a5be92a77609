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

type Counted = { consumed: number; msBeforeNext: number }

/** Uses points; a store that fails throws, so that the caller decides whether to refuse. */
export async function consumeFrom(
  limiter: RateLimiterAbstract,
  key: string,
  points: number,
): Promise<LimitVerdict> {
  const { consumed, msBeforeNext } = await count(limiter, key, points)
  return verdictOf(limiter.points, consumed, msBeforeNext)
}

async function count(limiter: RateLimiterAbstract, key: string, points: number): Promise<Counted> {
  // The library rejects with a result where the limit is reached, with an Error where its store failed.
  const result = await limiter.consume(key, points).catch((error: unknown) => {
    if (error instanceof RateLimiterRes) return error
    throw error
  })
  return { consumed: result.consumedPoints, msBeforeNext: result.msBeforeNext }
}

function verdictOf(limit: number, consumed: number, msBeforeNext: number): LimitVerdict {
  return {
    allowed: consumed <= limit,
    remaining: Math.max(0, limit - consumed),
    resetSeconds: Math.ceil(msBeforeNext / 1000),
  }
}

type Waiting = { points: number; resolve: (counted: Counted) => void; reject: (error: unknown) => void }

/**
 * The same for a store that costs a round trip: uses of one key that come while another is under way are counted
 * together by the next one, each in its turn. However many come at once, the store sees one at a time.
 */
export function gatheringConsume(limiter: RateLimiterAbstract) {
  const queues = new Map<string, Waiting[]>()

  async function drain(key: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0)
      const sum = batch.reduce((total, { points }) => total + points, 0)
      try {
        const { consumed, msBeforeNext } = await count(limiter, key, sum)
        let mine = consumed - sum
        for (const { points, resolve } of batch) {
          mine += points
          resolve({ consumed: mine, msBeforeNext })
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    queues.delete(key)
  }

  return async (key: string, points: number): Promise<LimitVerdict> => {
    const counted = await new Promise<Counted>((resolve, reject) => {
      const waiting = { points, resolve, reject }
      const queue = queues.get(key)
      if (queue) return void queue.push(waiting)
      const mine = [waiting]
      queues.set(key, mine)
      void drain(key, mine)
    })
    return verdictOf(limiter.points, counted.consumed, counted.msBeforeNext)
  }
}
