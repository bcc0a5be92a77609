import { EventEmitter } from 'node:events'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import type { Tx } from './db.ts'
import type { Log } from './log.ts'

const CHANNEL = 'portal_notice'

export type Notice = {
  topic: string
  /** Small and never personal: it travels through the database in the clear. */
  body: Record<string, string | number | null>
}

/** Tells every web process of something at once. A hint, never the truth: that is in the tables. */
export type Notices = {
  subscribe(topic: string, listener: (body: Notice['body']) => void): () => void
  stop(): Promise<void>
}

/** Sent when the transaction commits; PostgreSQL delivers it to every listening process. */
export async function notify(tx: Tx, notice: Notice): Promise<void> {
  await tx.execute(sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notice)})`)
}

/** Listens on a connection of its own and takes it up again when it breaks; `reconnected` tells that notices may be missing. */
export async function listenForNotices(config: pg.ClientConfig, log: Log): Promise<Notices> {
  const emitter = new EventEmitter().setMaxListeners(0)
  let client: pg.Client | null = null
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ ...config, keepAlive: true })
    next.on('error', (error) => log.warn({ err: error }, 'notice connection lost'))
    next.on('end', () => {
      if (stopped || client !== next) return
      client = null
      retry = setTimeout(() => void reconnect(), 200)
    })
    next.on('notification', ({ payload }) => {
      const notice = JSON.parse(payload ?? '{}') as Notice
      emitter.emit(notice.topic, notice.body)
    })
    await next.connect()
    await next.query(`listen ${CHANNEL}`)
    client = next
  }

  const reconnect = async (): Promise<void> => {
    if (stopped) return
    try {
      await connect()
      emitter.emit('reconnected', {})
    } catch {
      retry = setTimeout(() => void reconnect(), 500)
    }
  }

  await connect()
  return {
    subscribe(topic, listener) {
      emitter.on(topic, listener)
      return () => emitter.off(topic, listener)
    },
    async stop() {
      stopped = true
      clearTimeout(retry)
      await client?.end().catch(() => {})
    },
  }
}
