import type { EventEmitter } from 'node:events'
import type { ErrorsPort } from '#portal/adapters/errors/port.ts'

const WINDOW_MS = 60_000
/** More stray errors than this in a minute are no accident: the process is ended in order, to be started anew. */
const MOST_IN_WINDOW = 20

export type LastResort = {
  errors: ErrorsPort
  /** Milliseconds, of a clock that only goes forward. */
  elapsed: () => number
  /** Ends the process in order. */
  giveUp: () => void
  /** The process, unless a test says otherwise. */
  on?: EventEmitter
}

/**
 * Catches what nobody caught: it is reported with its stack and the process goes on, since one request's stray error
 * must not end everybody's; where they come in numbers, it gives up.
 */
export function catchTheRest({ errors, elapsed, giveUp, on = process }: LastResort): () => void {
  let seen: number[] = []
  const caught = (kind: string) => (error: unknown) => {
    void errors.report(error, { kind })
    const now = elapsed()
    seen = [...seen.filter((at) => now - at < WINDOW_MS), now]
    if (seen.length > MOST_IN_WINDOW) giveUp()
  }
  const [exception, rejection] = [caught('uncaught_exception'), caught('unhandled_rejection')]
  on.on('uncaughtException', exception)
  on.on('unhandledRejection', rejection)
  return () => {
    on.off('uncaughtException', exception)
    on.off('unhandledRejection', rejection)
  }
}
