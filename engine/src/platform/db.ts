import pg from 'pg'
import type { Logger } from 'pino'

/** A pool or one connection of it: whatever can run a query. */
export type Queryable = Pick<pg.ClientBase, 'query'>

// Byte counts fit in a double (2^53), and JSON has no bigint.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** A pool whose broken connections are logged instead of ending the process. */
export function createPool(config: pg.PoolConfig, log: Logger): pg.Pool {
  const pool = new pg.Pool({ max: 20, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 30_000, ...config })
  const lost = (error: Error) => log.warn({ err: error }, 'database connection lost')
  pool.on('error', lost)
  pool.on('connect', (client) => client.on('error', lost))
  return pool
}

/** Runs `work` in one transaction; rolls back and rethrows what it throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}
