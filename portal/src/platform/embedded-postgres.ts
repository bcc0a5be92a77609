import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type PostgresFolders, preparePostgresFolders } from './embedded-postgres-folders.ts'
import { boundLog } from './embedded-postgres-process.ts'
import {
  ensureServer,
  type RunningServer,
  type ServerOptions,
  stopServer,
} from './embedded-postgres-server.ts'
import type { Log } from './log.ts'
import { withProcessLock } from './process-lock.ts'

/** First half of the advisory locks: the second says what is held. */
const LOCK_SPACE = 7_301_002
const PORTAL_LOCK = 1
const COMMAND_LOCK = 2
/** A portal that is just stopping, or was just killed, gives the folder up within this time. */
const TAKEOVER_MS = 3000
const MUTEX_MS = 60_000

export type OpenPostgresOptions = {
  dataDir: string
  log: Pick<Log, 'info' | 'warn' | 'error'>
  /** true for the portal, one per data folder; false for a command, which joins whoever runs. */
  exclusive: boolean
  /** An own Postgres: nothing is started or locked then. */
  databaseUrl?: string | undefined
  settings?: Record<string, string>
  /** Called if another portal took the folder while the database was down: end this process. */
  onLost?: (error: Error) => void
}

export type PostgresHandle = {
  /** How the portal's role connects; valid over restarts of the server. */
  pool: pg.PoolConfig
  /** The superuser's way in, for backups; null where the Postgres isn't ours. */
  admin: pg.PoolConfig | null
  /** Gives the folder up and leaves the server running. */
  release(): Promise<void>
  /** Gives the folder up and, if nobody else uses it, shuts the server down. End your pools first. */
  stop(): Promise<void>
}

type Session = { client: pg.Client; running: RunningServer; exclusive: boolean }

/**
 * Opens the installation's database: an embedded Postgres 18 under `dataDir`, or the one at `databaseUrl`.
 * It survives kill -9 of the portal (adopted at the next start), of the server (recovered), and of both; while
 * a portal lives, a killed server is started again and connections by `pool` find it at the same place.
 * @throws Error with one sentence for the person at the terminal
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<PostgresHandle> {
  if (options.databaseUrl) {
    const nothing = async () => {}
    return { pool: { connectionString: options.databaseUrl }, admin: null, release: nothing, stop: nothing }
  }
  const folders = await preparePostgresFolders(options.dataDir, options.log)
  const server: ServerOptions = {
    folders,
    passwordFile: join(options.dataDir, 'postgres-passwords.json'),
    log: options.log,
    settings: options.settings ?? {},
  }
  const session = await enter(server, options)
  return options.exclusive ? guard(server, options, session) : handle(folders, session, () => {})
}

async function enter(server: ServerOptions, options: OpenPostgresOptions): Promise<Session> {
  const deadline = Date.now() + TAKEOVER_MS
  for (;;) {
    // The holder's name is asked for only at the end; until then it may be about to leave.
    const attempt = await withProcessLock(server.folders.home, MUTEX_MS, async () => {
      const running = await ensureServer(server)
      return await takeLock(running, options.exclusive)
    })
    if ('client' in attempt) return attempt
    if (Date.now() > deadline) {
      throw new Error(
        `Another portal (${attempt.holder}) runs on ${options.dataDir}. Stop it first, or set DATA_DIR to another folder.`,
      )
    }
    await delay(100)
  }
}

async function takeLock(running: RunningServer, exclusive: boolean): Promise<Session | { holder: string }> {
  const client = new pg.Client({
    ...running.portal,
    application_name: `${exclusive ? 'portal' : 'command'}, process ${process.pid}`,
    keepAlive: true,
  })
  client.on('error', () => {})
  await client.connect()
  if (!exclusive) {
    await client.query('select pg_advisory_lock_shared($1, $2)', [LOCK_SPACE, COMMAND_LOCK])
    return { client, running, exclusive }
  }
  if (await tryLock(client, PORTAL_LOCK)) return { client, running, exclusive }
  const { rows } = await client.query(
    `select application_name as name from pg_stat_activity join pg_locks using (pid)
     where locktype = 'advisory' and classid = $1 and objid = $2 and granted`,
    [LOCK_SPACE, PORTAL_LOCK],
  )
  await client.end()
  return { holder: rows[0]?.name ?? 'just starting' }
}

async function tryLock(client: pg.Client, lock: number): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as taken', [LOCK_SPACE, lock])
  return rows[0].taken
}

function handle(folders: PostgresFolders, session: Session, leave: () => void): PostgresHandle {
  return {
    pool: session.running.portal,
    admin: session.running.admin,
    async release() {
      leave()
      await session.client.end().catch(() => {})
    },
    async stop() {
      leave()
      await withProcessLock(folders.home, MUTEX_MS, async () => {
        if (await isLast(session)) await stopServer(folders)
        await session.client.end().catch(() => {})
      })
    },
  }
}

// Whoever leaves last puts out the light: no portal but this one, and no command, holds its lock.
async function isLast({ client, exclusive }: Session): Promise<boolean> {
  try {
    if (!exclusive) await client.query('select pg_advisory_unlock_shared($1, $2)', [LOCK_SPACE, COMMAND_LOCK])
    return (await tryLock(client, PORTAL_LOCK)) && (await tryLock(client, COMMAND_LOCK))
  } catch {
    // The connection is gone, and with it the server or our claim to it.
    return false
  }
}

function guard(server: ServerOptions, options: OpenPostgresOptions, first: Session): PostgresHandle {
  const { log } = options
  const logBound = boundLog(server.folders.logFile)
  const state = { session: first, left: false, recovering: Promise.resolve() }
  const watch = (session: Session) => {
    session.client.once('end', () => {
      if (!state.left) state.recovering = recover()
    })
  }
  const recover = async () => {
    log.warn('the database connection is gone; starting the database again')
    for (let wait = 100; !state.left; wait = Math.min(wait * 2, 5000)) {
      try {
        const session = await enter(server, options)
        state.session = session
        if (!state.left) watch(session)
        return log.info('the database is back')
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('Another portal'))
          return options.onLost?.(error)
        log.error({ err: error }, 'the database does not come back yet')
        await delay(wait)
      }
    }
  }
  watch(first)
  void logBound.check().catch(() => {})
  const leave = () => {
    state.left = true
    logBound.end()
  }
  const current = async () => {
    leave()
    await state.recovering
    return handle(server.folders, state.session, () => {})
  }
  return {
    ...handle(server.folders, first, leave),
    release: async () => (await current()).release(),
    stop: async () => (await current()).stop(),
  }
}
