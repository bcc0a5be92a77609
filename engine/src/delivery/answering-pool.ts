import pg from 'pg'
import { PlaybackError } from '#engine/delivery/answers.ts'

/** Whatever answers delivery's questions. */
export type AnsweringPool = Pick<pg.Pool, 'query'>

const DEADLINE_MS = 2000

/**
 * A pool whose silence and whose absence both end in 503: what can't be confirmed isn't served, and players try
 * again. Errors that the database itself gives stay what they are, unless they say that it is going or coming.
 */
export function createAnsweringPool(pool: pg.Pool, deadlineMs = DEADLINE_MS): AnsweringPool {
  const query = async (config: pg.QueryConfig | string, values?: unknown[]) => {
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new PlaybackError(503)), deadlineMs)
    })
    try {
      return await Promise.race([pool.query(config as pg.QueryConfig, values), silence])
    } catch (error) {
      throw isAway(error) ? new PlaybackError(503) : error
    } finally {
      clearTimeout(timer)
    }
  }
  return { query } as AnsweringPool
}

// Class 57P: it shuts down or starts up; 53300: it takes no more connections. Other errors that it gives are ours.
function isAway(error: unknown): boolean {
  if (error instanceof PlaybackError) return false
  return !(error instanceof pg.DatabaseError) || /^(57P|53300)/.test(error.code ?? '')
}
