import { setTimeout as delay } from 'node:timers/promises'
import { failureOf } from './retry-rules.ts'

const TRIES = 4
const FIRST_WAIT_MS = 60

/**
 * Runs what may be repeated, again at once where only the database had a bad moment: that is no reason to put an event
 * off. At most four times within about a second.
 */
export async function throughBadMoments<T>(run: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (attempt >= TRIES || !failureOf(error).transient) throw error
    await delay(FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random()))
    return await throughBadMoments(run, attempt + 1)
  }
}
