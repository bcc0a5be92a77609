import { databaseFailure } from '#portal/platform/bad-moments.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { redactUrls } from '#portal/platform/log.ts'
import type { Cause } from './rules.ts'

/** Tries after which an event is a dead letter. */
export const TRIES = 5
/** The try whose failure is told to people. */
export const ALERT_FROM_TRY = 3
/** Scheduled replays of one dead letter within 24 hours, at most. */
export const REPLAYS_A_DAY = 5
/** Times that a process may end while it holds an event before that counts as a failed try. */
export const MOST_CLAIMS = 3

const RETRY_SECONDS = [5, 30, 120, 600]
const REPLAY_HOURS = [1, 2, 4, 8]

/**
 * Seconds until the next try after the n-th failed one: growing, then hours apart for a dead letter. Any five of those
 * take more than a day with the least of jitter, which keeps scheduled replays at REPLAYS_A_DAY.
 * @param chance from 0 to 1: what failed together must not come back together
 */
export function secondsToNextTry(failures: number, chance: number): number {
  const seconds =
    failures < TRIES
      ? (RETRY_SECONDS[failures - 1] ?? 5)
      : (REPLAY_HOURS[Math.min(failures - TRIES, REPLAY_HOURS.length - 1)] ?? 8) * 3600
  return seconds * (0.85 + 0.3 * chance)
}

/** What happens after the n-th failed try, as a code that is kept with it. */
export function stepAfter(failures: number): 'retry' | 'dead_letter' | 'replay' {
  if (failures < TRIES) return 'retry'
  return failures === TRIES ? 'dead_letter' : 'replay'
}

export type Failure = { cause: Cause; error: string; transient: boolean }

/** What a failure was, in terms of what to do about it. `transient`: the same may well succeed in a moment. */
export function failureOf(error: unknown): Failure {
  const message = redactUrls(error instanceof Error ? error.message : String(error)).slice(0, 500)
  if (isAppError(error) && error.code === 'unavailable') {
    const refused = /refused/.test(error.message)
    return {
      cause: refused ? 'provider_refused' : 'provider_unavailable',
      error: message,
      transient: false,
    }
  }
  const database = databaseFailure(error)
  if (database)
    return {
      cause: 'database',
      error: redactUrls(database.says).slice(0, 500),
      transient: database.transient,
    }
  return { cause: 'unexpected', error: message, transient: false }
}
