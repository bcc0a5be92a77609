/** Requests a second that one credential may make for long: Mux's are 1 and 5. */
export type RateLimits = { posts: number; others: number }

/** Seconds to wait; 0 if the request may go on. */
export type RateLimit = (credentialId: string, method: string, now: Date) => number

/** How many seconds' worth of requests may come at once. */
const BURST_SECONDS = 5
const MOST_BUCKETS = 1000

/**
 * A leaking bucket for each credential and kind of request, in this process; null limits nothing. Off by default:
 * the engine is yours, and so is its time.
 */
export function createRateLimit(limits: RateLimits | null): RateLimit {
  const buckets = new Map<string, { level: number; at: number }>()
  return (credentialId, method, now) => {
    if (!limits) return 0
    const kind = method === 'POST' ? 'posts' : 'others'
    const rate = limits[kind]
    const key = `${kind} ${credentialId}`
    const last = buckets.get(key) ?? { level: 0, at: now.getTime() }
    const level = Math.max(0, last.level - ((now.getTime() - last.at) / 1000) * rate)
    const most = Math.max(1, rate * BURST_SECONDS)
    if (level + 1 > most) return Math.max(1, Math.ceil((level + 1 - most) / rate))
    if (buckets.size >= MOST_BUCKETS) buckets.clear()
    buckets.set(key, { level: level + 1, at: now.getTime() })
    return 0
  }
}
