const MINUTE = 60_000
const DELAYS_MS = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE]

/** No attempt is made later than this after the event, or after its redelivery. */
export const GIVE_UP_AFTER_MS = 24 * 60 * MINUTE

/** Attempts that fit in 24 hours; shown to receivers as `max_attempts`. */
export const MAX_ATTEMPTS = 29

/**
 * When to try again after `failures` failed attempts, or null when the day is over.
 * Each delay is up to 20 % longer by chance (`random` in 0..1), so that a recovering endpoint is not met by all at once.
 */
export function nextAttemptAt(from: Date, now: Date, failures: number, random: number): Date | null {
  const delay = DELAYS_MS[Math.min(failures, DELAYS_MS.length) - 1] ?? DELAYS_MS[0]!
  const next = new Date(now.getTime() + delay * (1 + 0.2 * random))
  return next.getTime() - from.getTime() > GIVE_UP_AFTER_MS || failures >= MAX_ATTEMPTS ? null : next
}
