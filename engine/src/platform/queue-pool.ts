import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'

/** Between tries of what is repeated; a minute together. */
const WAITS_MS = [100, 250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000]
/** What is not marked by then at a stop is freed by whoever sweeps next. */
const PATIENCE_MS = 5000

type NamedQuery = { text: string; name?: string }

/**
 * A pool for graphile-worker, which marks finished jobs without anybody listening: a connection that breaks just then
 * would be a rejection that nobody handles, and end the process. And it asks for its tasks' numbers once: were that to
 * fail, it would take no job ever again. Here such statements, which may be repeated, are repeated over other
 * connections and never reject; `onLost` is told where it can't be done.
 */
export function createQueuePool(pool: pg.Pool, onLost: (error: unknown) => void) {
  const repeating = new Set<Promise<unknown>>()

  async function repeat(query: NamedQuery): Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await pool.query(query)
      } catch (error) {
        const wait = WAITS_MS[tries]
        if (wait !== undefined) await delay(wait, undefined, { ref: false })
        else {
          onLost(error)
          return { rows: [], rowCount: 0 }
        }
      }
    }
  }

  /** Takes a connection with the first statement that is not repeated. */
  function lazyClient() {
    let client: pg.PoolClient | undefined
    return {
      async query(...query: [NamedQuery | string, unknown[]?]) {
        const [first] = query
        if (typeof first === 'object' && mayBeRepeated(first)) {
          const done = repeat(first)
          repeating.add(done)
          return await done.finally(() => repeating.delete(done))
        }
        client ??= await pool.connect()
        return await client.query(...(query as [string, unknown[]]))
      },
      release: (error?: Error | boolean) => client?.release(error),
    }
  }

  const queuePool = new Proxy(pool, {
    get(target, name) {
      if (name === 'connect')
        return (callback?: never) => (callback ? target.connect(callback) : lazyClient())
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    pool: queuePool,
    /** Resolves when what has finished is marked, or after some seconds. */
    async marked(): Promise<void> {
      await Promise.race([Promise.all(repeating), delay(PATIENCE_MS, undefined, { ref: false })])
    },
  }
}

const mayBeRepeated = ({ name, text }: NamedQuery) =>
  /^(complete|fail)_jobs?(_q)?\//.test(name ?? '') || text.includes('._private_tasks as tasks')
