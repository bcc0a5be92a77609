import { execFile, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { copyFile, open, readFile, rename, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PostgresFolders } from './embedded-postgres-folders.ts'

const LOG_LIMIT_BYTES = 8 * 1024 * 1024
const LOG_CHECK_MS = 60_000

export type PidFile = { pid: number; socketFolder: string }

/** What the server says of itself in postmaster.pid (lines 1 and 5), or null if it runs nowhere. */
export async function readPidFile(data: string): Promise<PidFile | null> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => null)
  if (text === null) return null
  const lines = text.split('\n')
  return { pid: Number(lines[0]), socketFolder: lines[4] ?? '' }
}

/**
 * True if that process is a living server of that data folder: not a zombie, which PID 1 may leave for ever,
 * and not a stranger that was given the same number since.
 */
export async function isPostgresAlive(pid: number, data: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false
  if (process.platform !== 'linux') {
    const ps = await promisify(execFile)('ps', ['-o', 'stat=,command=', '-p', `${pid}`]).catch(() => null)
    return Boolean(ps && !ps.stdout.trim().startsWith('Z') && ps.stdout.includes(data))
  }
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Fields follow the name in parentheses, which may hold anything: proc(5).
  if (!state || /^[ZX]/.test(state.slice(state.lastIndexOf(')') + 2))) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.split('\0').includes(data)
}

/** Removes what a dead server left behind, which would stop the next one from starting. */
export async function removeStalePidFile(data: string): Promise<void> {
  await rm(join(data, 'postmaster.pid'), { force: true })
}

// Secrets of the portal's environment are none of the server's business.
const ENVIRONMENT: Record<string, string> = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

function runAs(folders: PostgresFolders): Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
  return { cwd: '/', env: ENVIRONMENT as NodeJS.ProcessEnv, ...folders.owner }
}

/** Makes a data folder with initdb. `passwordFile` must be readable by the user that Postgres runs as. */
export async function initialiseData(
  folders: PostgresFolders,
  native: string,
  data: string,
  passwordFile: string,
): Promise<void> {
  const args = [
    ['-D', data],
    ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    // The built-in provider sorts and compares the same on every machine, whatever libc it has.
    ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    // Both need a restart to change and backups need both; until then each segment is let go at once.
    ['-c', 'wal_level=replica', '-c', 'archive_mode=on', '-c', 'archive_command=/bin/true'],
  ].flat()
  const child = spawn(join(native, 'bin/initdb'), args, {
    ...runAs(folders),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'ended'))
  })
  if (code !== 0) throw new Error(`initdb failed (${code}): ${output.trim().split('\n').slice(-5).join(' ')}`)
}

export type StartedServer = { pid: number; exited: Promise<string> }

/**
 * Starts the server apart from this process: a Ctrl-C reaches the portal alone, which drains first, and the
 * log is a file, because a pipe would block the server once its reader is gone.
 */
export function spawnServer(
  folders: PostgresFolders,
  native: string,
  socketFolder: string,
  settings: Record<string, string>,
): StartedServer {
  const all = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    fsync: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    // Statements and details carry people's data; the log keeps neither.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    // A query of a killed portal ends within a second instead of holding its locks.
    client_connection_check_interval: '1s',
    ...settings,
  }
  const args = [
    '-D',
    folders.data,
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const log = openSync(folders.logFile, 'a', 0o600)
  const child = spawn(join(native, 'bin/postgres'), args, {
    ...runAs(folders),
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`status ${code ?? signal}`))
  })
  return { pid: child.pid ?? 0, exited }
}

/** The last lines of the server's log, in one line, for an error message. */
export async function lastLogLines(logFile: string): Promise<string> {
  const file = await open(logFile, 'r').catch(() => null)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, 2000)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').trim().split('\n').slice(-4).join(' | ')
  } finally {
    await file.close()
  }
}

/**
 * Keeps the log within 8 MiB and one former part, now and each minute. The server appends, so its file can be
 * emptied under it.
 * @returns stops the checking
 */
export function boundLog(
  logFile: string,
  limitBytes = LOG_LIMIT_BYTES,
): { check: () => Promise<void>; end: () => void } {
  const check = async () => {
    const found = await stat(logFile).catch(() => null)
    if (!found || found.size <= limitBytes) return
    await copyFile(logFile, `${logFile}.draft`)
    await truncate(logFile, 0)
    await rename(`${logFile}.draft`, `${logFile}.1`)
  }
  const timer = setInterval(() => void check().catch(() => {}), LOG_CHECK_MS)
  timer.unref()
  return { check, end: () => clearInterval(timer) }
}
