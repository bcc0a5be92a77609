import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import {
  freshSocketFolder,
  giveTo,
  type PostgresFolders,
  pointLink,
  removeOldSocketFolders,
} from './embedded-postgres-folders.ts'
import { installNative, removeOldNatives } from './embedded-postgres-native.ts'
import {
  initialiseData,
  isPostgresAlive,
  lastLogLines,
  readPidFile,
  removeStalePidFile,
  spawnServer,
} from './embedded-postgres-process.ts'
import type { Log } from './log.ts'
import { writePrivateFile } from './private-file.ts'

/** A dead server's leavings are fought this long: its children need a moment to notice and to end. */
const START_DEADLINE_MS = 20_000
/** A server that recovers from a crash is alive and says so; that may take minutes after much writing. */
const RECOVERY_DEADLINE_MS = 300_000
const STOP_DEADLINE_MS = 30_000
const DATABASE = 'portal'

export type Passwords = { postgres: string; portal: string }
export type ServerOptions = {
  folders: PostgresFolders
  passwordFile: string
  log: Pick<Log, 'info' | 'warn'>
  /** Extra server settings, such as fsync=off for a throw-away database. */
  settings: Record<string, string>
}
export type RunningServer = { portal: pg.ClientConfig; admin: pg.ClientConfig }

/**
 * Makes sure that a server runs on the folder: adopts a living one, also one whose portal was killed; recovers
 * a killed one; makes a new one. Call it under the folder's process lock.
 * @throws Error with the server's own last words if it doesn't start
 */
export async function ensureServer(options: ServerOptions): Promise<RunningServer> {
  const { folders } = options
  const passwords = await readPasswords(options.passwordFile, folders.data)
  const running = configs(folders, passwords)
  if (!(await adopt(options, running))) {
    const native = await installNative(folders.home)
    await createData(options, native, passwords)
    await startServer(options, native, running)
    await removeOldNatives(folders.home, native)
  }
  await createDatabase(running.admin, passwords)
  return running
}

function configs(folders: PostgresFolders, passwords: Passwords): RunningServer {
  const base = { host: folders.socketLink, port: 5432 }
  return {
    portal: { ...base, user: 'portal', database: DATABASE, password: passwords.portal },
    admin: { ...base, user: 'postgres', database: 'postgres', password: passwords.postgres },
  }
}

async function readPasswords(file: string, data: string): Promise<Passwords> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Error(`${file} can't be read (${error.code}). Run the portal as the user who owns it.`)
  })
  if (text !== null) return JSON.parse(text)
  if ((await readdir(data).catch(() => [])).length) {
    throw new Error(
      `${file} is missing, and ${data} can't be opened without it. Restore it from your backup.`,
    )
  }
  const made = {
    postgres: randomBytes(24).toString('base64url'),
    portal: randomBytes(24).toString('base64url'),
  }
  await writePrivateFile(file, `${JSON.stringify(made)}\n`)
  return made
}

type Answer = 'ready' | 'busy' | 'silent'

async function ask(config: pg.ClientConfig): Promise<Answer> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    // 57P03: starting up or shutting down; 53300: no connection is free, so somebody is served.
    if (code === '57P03' || code === '53300') return 'busy'
    if (code === '28P01')
      throw new Error(
        'the database refuses the stored password: restore postgres-passwords.json from the backup',
      )
    return 'silent'
  } finally {
    await client.end().catch(() => {})
  }
}

async function adopt({ folders, log }: ServerOptions, running: RunningServer): Promise<boolean> {
  const began = Date.now()
  for (;;) {
    const file = await readPidFile(folders.data)
    if (!file) return false
    const answer = await ask({ ...running.admin, host: file.socketFolder })
    if (answer === 'ready') {
      await pointLink(folders.socketLink, file.socketFolder)
      return true
    }
    const alive = answer === 'busy' || (await isPostgresAlive(file.pid, folders.data))
    if (!alive) {
      log.info({ pid: file.pid }, 'the database was killed; recovering it')
      await removeStalePidFile(folders.data)
      return false
    }
    const waited = Date.now() - began
    if (waited > (answer === 'busy' ? RECOVERY_DEADLINE_MS : START_DEADLINE_MS)) {
      throw new Error(
        `A Postgres (process ${file.pid}) runs on ${folders.data} and does not answer. Stop that process, then start again.`,
      )
    }
    await delay(50)
  }
}

async function createData({ folders }: ServerOptions, native: string, passwords: Passwords): Promise<void> {
  const written = await readFile(join(folders.data, 'PG_VERSION'), 'utf8').catch(() => null)
  const major = /native-(\d+)/.exec(basename(native))?.[1]
  if (written !== null) {
    if (written.trim() === major) return
    throw new Error(
      `${folders.data} was written by Postgres ${written.trim()}, and this portal brings ${major}. Move the data with the release it belongs to.`,
    )
  }
  for (const name of await readdir(folders.home)) {
    if (name.startsWith('new-')) await rm(join(folders.home, name), { recursive: true })
  }
  // Whole or not at all: a killed initdb leaves nothing that a later start takes for a database.
  const draft = await mkdtemp(join(folders.home, 'new-'))
  await giveTo(draft, folders.owner)
  const passwordFile = join(draft, 'password')
  await writeFile(passwordFile, passwords.postgres, { mode: 0o600 })
  await giveTo(passwordFile, folders.owner)
  const data = join(draft, 'data')
  await initialiseData(folders, native, data, passwordFile)
  await rename(data, folders.data)
  await rm(draft, { recursive: true })
}

async function startServer(options: ServerOptions, native: string, running: RunningServer): Promise<void> {
  const { folders } = options
  const deadline = Date.now() + START_DEADLINE_MS
  for (;;) {
    const socketFolder = await freshSocketFolder(folders)
    const server = spawnServer(folders, native, socketFolder, options.settings)
    await pointLink(folders.socketLink, socketFolder)
    const end = await untilReady(server.exited, running)
    if (end === null) return await removeOldSocketFolders(folders, socketFolder)
    // Children of a killed server hold its shared memory for a moment, and its number may still look alive.
    if (Date.now() > deadline) {
      throw new Error(`Postgres did not start (${end}): ${await lastLogLines(folders.logFile)}`)
    }
    const file = await readPidFile(folders.data)
    if (file && !(await isPostgresAlive(file.pid, folders.data))) await removeStalePidFile(folders.data)
    await delay(100)
  }
}

/** null once the server answers; otherwise how it ended. */
async function untilReady(exited: Promise<string>, running: RunningServer): Promise<string | null> {
  let ended: string | null = null
  void exited.then((how) => {
    ended = how
  })
  const deadline = Date.now() + RECOVERY_DEADLINE_MS
  while (ended === null) {
    if ((await ask(running.admin)) === 'ready') return null
    if (Date.now() > deadline) return 'still recovering after five minutes'
    await Promise.race([exited, delay(15)])
  }
  return ended
}

async function createDatabase(admin: pg.ClientConfig, passwords: Passwords): Promise<void> {
  const client = new pg.Client(admin)
  await client.connect()
  try {
    const { rows } = await client.query(
      'select exists (select from pg_roles where rolname = $1) as role, exists (select from pg_database where datname = $2) as base',
      ['portal', DATABASE],
    )
    // The portal owns its database and is no superuser: an injected statement can't read files or run programs.
    if (!rows[0].role) {
      await client.query(
        `create role portal login createdb in role pg_monitor password ${pg.escapeLiteral(passwords.portal)}`,
      )
    }
    if (!rows[0].base) await client.query(`create database ${DATABASE} owner portal`)
  } finally {
    await client.end()
  }
}

/** Shuts the server down cleanly: open transactions are rolled back, everything committed is on disk. */
export async function stopServer(folders: PostgresFolders): Promise<void> {
  const file = await readPidFile(folders.data)
  if (!file || !(await isPostgresAlive(file.pid, folders.data))) return
  const gone = async (withinMs: number) => {
    const deadline = Date.now() + withinMs
    while (await isPostgresAlive(file.pid, folders.data)) {
      if (Date.now() > deadline) return false
      await delay(20)
    }
    return true
  }
  process.kill(file.pid, 'SIGINT')
  if (await gone(STOP_DEADLINE_MS)) return
  process.kill(file.pid, 'SIGQUIT')
  if (!(await gone(5000))) throw new Error(`Postgres (process ${file.pid}) does not stop`)
}
