import type pg from 'pg'
import type { Logger } from 'pino'

const RECONNECT_MS = 250

/**
 * One connection kept for what lives with a Postgres session: advisory locks and LISTEN.
 * Thousands of locks cost one connection. Where it breaks, Postgres frees the locks, so their holders are told
 * to stop at once; the connection is made again and listens again by itself.
 */
export type SessionConnection = {
  /** Takes the lock named `key` if no other session has it. False too while the connection is down. */
  tryLock(key: string, onLost: () => void): Promise<boolean>
  unlock(key: string): Promise<void>
  /** Handlers run for messages from every process, this one included. */
  listen(channel: string, handler: (payload: string) => void): void
  start(): Promise<void>
  stop(): Promise<void>
}

export function createSessionConnection(pool: pg.Pool, log: Logger): SessionConnection {
  const handlers = new Map<string, ((payload: string) => void)[]>()
  const held = new Map<string, () => void>()
  let client: pg.PoolClient | null = null
  let stopped = false

  function onBroken(broken: pg.PoolClient) {
    if (client !== broken) return
    client = null
    broken.release(true)
    const lost = [...held.values()]
    held.clear()
    for (const tell of lost) tell()
    if (!stopped) setTimeout(() => void connect(), RECONNECT_MS).unref()
  }

  let connecting: Promise<void> | null = null
  function connect(): Promise<void> {
    if (stopped || client) return Promise.resolve()
    connecting ??= open()
      .catch((error) => {
        log.warn({ err: error }, 'no session connection to the database; trying again')
        setTimeout(() => void connect(), RECONNECT_MS).unref()
      })
      .finally(() => {
        connecting = null
      })
    return connecting
  }

  async function open(): Promise<void> {
    const next = await pool.connect()
    try {
      next.on('error', () => onBroken(next))
      next.on('end', () => onBroken(next))
      next.on('notification', ({ channel, payload }) => {
        for (const handler of handlers.get(channel) ?? []) handler(payload ?? '')
      })
      for (const channel of handlers.keys()) await next.query(`listen "${channel}"`)
    } catch (error) {
      next.release(true)
      throw error
    }
    if (stopped) next.release(true)
    else client = next
  }

  let last: Promise<unknown> = Promise.resolve()
  /** One query at a time, as the connection takes them; null where there is none when its turn comes. */
  function inTurn<T>(work: (connection: pg.PoolClient) => Promise<T>): Promise<T | null> {
    const task = last.then(() => (client ? work(client) : null))
    last = task.catch(() => undefined)
    return task
  }

  return {
    async tryLock(key, onLost) {
      // Advisory locks are re-entrant within a session, so this process must keep its own count.
      if (held.has(key) || !client) return false
      held.set(key, onLost)
      try {
        const got = await inTurn(async (connection) => {
          const text = 'select pg_try_advisory_lock(hashtextextended($1, 11)) as got'
          return (await connection.query<{ got: boolean }>(text, [key])).rows[0]?.got === true
        })
        if (!got) held.delete(key)
        return got === true
      } catch {
        held.delete(key)
        return false
      }
    },
    async unlock(key) {
      if (!held.has(key)) return
      const text = 'select pg_advisory_unlock(hashtextextended($1, 11))'
      await inTurn((connection) => connection.query(text, [key])).catch(() => undefined)
      held.delete(key)
    },
    listen(channel, handler) {
      const known = handlers.get(channel)
      if (known) known.push(handler)
      else handlers.set(channel, [handler])
      if (!known) void inTurn((connection) => connection.query(`listen "${channel}"`)).catch(() => undefined)
    },
    start: connect,
    async stop() {
      stopped = true
      const last = client
      client = null
      last?.release(true)
    },
  }
}

/** Tells every process; delivered when the surrounding transaction commits. */
export async function notify(
  db: Pick<pg.ClientBase, 'query'>,
  channel: string,
  payload: string,
): Promise<void> {
  await db.query('select pg_notify($1, $2)', [channel, payload])
}
