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

const CONNECTION = /^(ECONN|EPIPE|ETIMEDOUT|08|40|53|55P03|57)/
const SQLSTATE = /^[0-9A-Z]{5}$/

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
  const code = databaseCode(error)
  if (code !== null)
    return { cause: 'database', error: databaseSays(error), transient: CONNECTION.test(code) }
  return { cause: 'unexpected', error: message, transient: false }
}

/** The code of a failure of the database or of the way to it, however deep it is wrapped; null for any other. */
function databaseCode(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/connection terminated|timeout exceeded when trying to connect/i.test(at.message)) return 'ECONN'
    if ('code' in at && (SQLSTATE.test(String(at.code)) || CONNECTION.test(String(at.code))))
      return String(at.code)
  }
  return null
}

// The innermost message: those around it repeat the statement with its values.
function databaseSays(error: unknown): string {
  let last = error
  while (last instanceof Error && last.cause instanceof Error) last = last.cause
  return redactUrls(last instanceof Error ? last.message : String(last)).slice(0, 500)
}
