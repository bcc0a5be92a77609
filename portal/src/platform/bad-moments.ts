import { setTimeout as delay } from 'node:timers/promises'

const CONNECTION = /^(ECONN|EPIPE|ETIMEDOUT|08|40|53|55P03|57)/
const SQLSTATE = /^[0-9A-Z]{5}$/

/**
 * What the database says, where a failure is its own or of the way to it, however deep it is wrapped; null for any
 * other. `transient`: the same may well succeed in a moment.
 */
export function databaseFailure(error: unknown): { says: string; transient: boolean } | null {
  const code = databaseCode(error)
  return code === null ? null : { says: innermostMessage(error), transient: CONNECTION.test(code) }
}

const TRIES = 4
const FIRST_WAIT_MS = 60

/**
 * Runs what may be repeated, again at once where only the database had a bad moment. At most four times within about a
 * second.
 */
export async function throughBadMoments<T>(run: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (attempt >= TRIES || !databaseFailure(error)?.transient) throw error
    await delay(FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random()))
    return await throughBadMoments(run, attempt + 1)
  }
}

function databaseCode(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/connection terminated|timeout exceeded when trying to connect/i.test(at.message)) return 'ECONN'
    if ('code' in at && (SQLSTATE.test(String(at.code)) || CONNECTION.test(String(at.code))))
      return String(at.code)
  }
  return null
}

// Those around it repeat the statement with its values.
function innermostMessage(error: unknown): string {
  let last = error
  while (last instanceof Error && last.cause instanceof Error) last = last.cause
  return last instanceof Error ? last.message : String(last)
}
