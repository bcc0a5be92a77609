import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { openPostgres, type PostgresHandle } from './embedded-postgres.ts'
import { canEnter } from './embedded-postgres-folders.ts'
import { boundLog, isPostgresAlive, readPidFile } from './embedded-postgres-process.ts'

const CHILD = fileURLToPath(new URL('../../../tests/support/postgres-child.ts', import.meta.url))
const IS_ROOT = process.getuid?.() === 0
const NOBODY = { uid: 65_534, gid: 65_534 }
const quiet = { info() {}, warn() {}, error() {} }
const cleanUps: (() => Promise<unknown>)[] = []
// Each test starts servers and processes of its own; beside other work that takes its time.
vi.setConfig({ testTimeout: 90_000 })

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp('/tmp/mm-test-')
  cleanUps.push(async () => {
    const home = await realpath(join(folder, 'postgres')).catch(() => folder)
    const file = await readPidFile(join(home, 'data'))
    if (file && (await isPostgresAlive(file.pid, join(home, 'data')))) await killServer(folder)
    await rm(home, { recursive: true, force: true })
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}

/** A folder whose database was made before and is stopped: a copy costs a tenth of initdb. */
async function preparedFolder(): Promise<string> {
  const folder = await tempFolder()
  await promisify(execFile)('cp', ['-a', '--sparse=always', `${prepared}/.`, folder])
  return folder
}

let prepared: string
beforeAll(async () => {
  prepared = await mkdtemp('/tmp/mm-test-')
  await (await openPostgres({ dataDir: prepared, exclusive: true, log: quiet })).stop()
  const home = join(prepared, 'postgres')
  const natives = (await readdir(home)).filter((name) => name.startsWith('native'))
  for (const native of natives) await rm(join(home, native), { recursive: true })
})
afterAll(() => rm(prepared, { recursive: true }))

async function open(dataDir: string, exclusive = true): Promise<PostgresHandle> {
  const handle = await openPostgres({ dataDir, exclusive, log: quiet, onLost: () => {} })
  cleanUps.push(() => handle.stop().catch(() => {}))
  return handle
}

async function ask<T extends pg.QueryResultRow>(handle: PostgresHandle, sql: string): Promise<T> {
  const client = new pg.Client(handle.pool)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows[0] as T
  } finally {
    await client.end()
  }
}

async function serverPid(dataDir: string): Promise<number> {
  return (await readPidFile(join(await realpath(join(dataDir, 'postgres')), 'data')))?.pid ?? 0
}

async function killServer(dataDir: string): Promise<void> {
  process.kill(await serverPid(dataDir), 'SIGKILL')
}

type Line = {
  open?: true
  host?: string
  refused?: string
  lost?: string
  acknowledged?: number
  stopped?: true
}

function startChild(
  dataDir: string,
  role: 'portal' | 'command',
  options: { task?: string; uid?: number; gid?: number } = {},
) {
  const { task = '', ...ids } = options
  const child: ChildProcess = spawn(process.execPath, [CHILD, dataDir, role, task], {
    ...ids,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: Line[] = []
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
    lines.push(JSON.parse(line)),
  )
  cleanUps.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const said = (key: keyof Line) =>
    vi.waitFor(
      () => {
        const line = lines.find((l) => l[key] !== undefined)
        if (!line) throw new Error(`the child has not said ${key}: ${JSON.stringify(lines.slice(-3))}`)
        return line
      },
      { timeout: 30_000, interval: 10 },
    )
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { child, lines, said, kill }
}

describe('a new embedded Postgres', () => {
  it('[ASVS-13.2.1, ASVS-13.2.2] listens on a socket only, keeps what backups need, and runs as neither root nor superuser', async () => {
    const dataDir = await tempFolder()
    const handle = await open(dataDir)
    const settings = await ask(
      handle,
      `select current_setting('fsync') as fsync, current_setting('wal_level') as wal_level,
              current_setting('archive_mode') as archive_mode, current_setting('listen_addresses') as listen,
              current_setting('data_checksums') as checksums, current_setting('server_version_num')::int / 10000 as major,
              (select rolsuper from pg_roles where rolname = current_user) as superuser`,
    )
    expect(settings).toEqual({
      fsync: 'on',
      wal_level: 'replica',
      archive_mode: 'on',
      listen: '',
      checksums: 'on',
      major: 18,
      superuser: false,
    })
    expect((await stat(`/proc/${await serverPid(dataDir)}`)).uid).not.toBe(0)
    expect((await stat(join(dataDir, 'postgres-passwords.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(dataDir, 'postgres/data'))).mode & 0o777).toBe(0o700)
    const wrong = new pg.Client({ ...handle.pool, password: 'wrong' })
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' })
  })

  it('keeps its rows over a stop, and leaves no process behind', async () => {
    const dataDir = await tempFolder()
    const first = await open(dataDir)
    await ask(first, 'create table kept as select 42 as answer')
    const pid = await serverPid(dataDir)
    await first.stop()
    expect(await isPostgresAlive(pid, join(dataDir, 'postgres/data'))).toBe(false)
    expect(await ask(await open(dataDir), 'select answer from kept')).toEqual({ answer: 42 })
  })

  it('is not disturbed by what a killed initdb left', async () => {
    const dataDir = await tempFolder()
    await mkdir(join(dataDir, 'postgres/new-half/data'), { recursive: true })
    expect(await ask(await open(dataDir), 'select 1 as one')).toEqual({ one: 1 })
    expect((await readdir(join(dataDir, 'postgres'))).filter((name) => name.startsWith('new-'))).toEqual([])
  })

  it('is passed by when DATABASE_URL is set', async () => {
    const dataDir = await tempFolder()
    const handle = await openPostgres({
      dataDir,
      exclusive: true,
      log: quiet,
      databaseUrl: 'postgres://elsewhere/db',
    })
    expect(handle.pool).toEqual({ connectionString: 'postgres://elsewhere/db' })
    await handle.stop()
    expect(await readdir(dataDir)).toEqual([])
  })
})

describe('where the data lies', () => {
  it('works under a folder too deep for a socket', async () => {
    const root = await tempFolder()
    await chmod(root, 0o711)
    const dataDir = join(root, 'a'.repeat(60), 'b'.repeat(60))
    const handle = await open(dataDir)
    expect(String(handle.pool.host)).toMatch(/^\/tmp\/mm-/)
    expect(await ask(handle, 'select 1 as one')).toEqual({ one: 1 })
    await handle.stop()
    const again = await open(dataDir)
    expect(again.pool.host).toBe(handle.pool.host)
    await again.stop()
    await rm(await readlink(join(dataDir, 'postgres/sockets')), { recursive: true })
  })

  it.runIf(IS_ROOT)('moves to /var/lib where only root may enter the way to it', async () => {
    const closed = await mkdtemp('/tmp/mm-closed-')
    await chmod(closed, 0o700)
    cleanUps.push(() => rm(closed, { recursive: true }))
    const dataDir = join(closed, 'data')
    const handle = await open(dataDir)
    const home = await readlink(join(dataDir, 'postgres'))
    cleanUps.push(() => rm(home, { recursive: true }))
    expect(home).toMatch(/^\/var\/lib\/motion-mavericks\/[0-9a-f]{16}$/)
    await ask(handle, 'create table kept as select 1 as one')
    await handle.stop()
    const again = await open(dataDir)
    expect(await ask(again, 'select one from kept')).toEqual({ one: 1 })
    await again.stop()
  })

  it.runIf(IS_ROOT && canEnter(CHILD.replace(/\/[^/]+$/, ''), NOBODY))(
    'is the ordinary user’s own, without help of root',
    async () => {
      const folder = await tempFolder()
      await chmod(folder, 0o777)
      const dataDir = join(folder, 'data')
      const portal = startChild(dataDir, 'portal', NOBODY)
      await portal.said('open')
      expect((await stat(dataDir)).uid).toBe(NOBODY.uid)
      expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
      expect((await lstat(join(dataDir, 'postgres'))).isDirectory()).toBe(true)
      portal.child.stdin?.write('stop\n')
      await portal.said('stopped')
      // Root goes on with the data of that user, as that user.
      const handle = await open(dataDir)
      expect((await stat(`/proc/${await serverPid(dataDir)}`)).uid).toBe(NOBODY.uid)
      await handle.stop()
    },
  )

  it.runIf(IS_ROOT && canEnter(CHILD.replace(/\/[^/]+$/, ''), NOBODY))(
    'says that a user without a name can’t run Postgres',
    async () => {
      const folder = await tempFolder()
      await chmod(folder, 0o777)
      const portal = startChild(join(folder, 'data'), 'portal', { uid: 54_321, gid: 54_321 })
      expect((await portal.said('refused')).refused).toMatch(/uid 54321\) in \/etc\/passwd: add an entry/)
    },
  )

  it('says what is missing when the passwords are gone', async () => {
    const dataDir = await preparedFolder()
    await rm(join(dataDir, 'postgres-passwords.json'))
    await expect(open(dataDir)).rejects.toThrow(/postgres-passwords\.json is missing.*Restore it/)
  })

  it('refuses data of another major version', async () => {
    const dataDir = await preparedFolder()
    await writeFile(join(dataDir, 'postgres/data/PG_VERSION'), '17\n')
    await expect(open(dataDir)).rejects.toThrow(/written by Postgres 17, and this portal brings 18/)
  })

  it('keeps its log within bounds while the server appends to it', async () => {
    const folder = await tempFolder()
    const file = join(folder, 'postgres.log')
    await writeFile(file, 'x'.repeat(2000))
    const bound = boundLog(file, 1000)
    await bound.check()
    bound.end()
    expect([(await stat(file)).size, (await readFile(`${file}.1`, 'utf8')).length]).toEqual([0, 2000])
  })
})

describe('one portal per folder', () => {
  it('refuses a second portal with a sentence, lets commands in, and the last one out stops the server', async () => {
    const dataDir = await preparedFolder()
    const portal = await open(dataDir)
    await expect(open(dataDir)).rejects.toThrow(
      new RegExp(`Another portal \\(portal, process ${process.pid}\\) runs on ${dataDir}\\. Stop it first`),
    )
    const pid = await serverPid(dataDir)
    const command = await open(dataDir, false)
    await portal.stop()
    expect(await ask(command, 'select 1 as one')).toEqual({ one: 1 })
    const next = await open(dataDir)
    await command.stop()
    expect(await serverPid(dataDir)).toBe(pid)
    await next.stop()
    expect(await serverPid(dataDir)).toBe(0)
  })

  it('starts the server for a command when nobody runs', async () => {
    const dataDir = await preparedFolder()
    const command = await open(dataDir, false)
    expect(await ask(command, 'select 1 as one')).toEqual({ one: 1 })
    await command.stop()
    expect(await serverPid(dataDir)).toBe(0)
  })

  it('lets exactly one of several portals in that start at once on an empty folder', async () => {
    const dataDir = await tempFolder()
    const children = [1, 2, 3].map(() => startChild(dataDir, 'portal'))
    await vi.waitFor(() => expect(children.every(({ lines }) => lines.length > 0)).toBe(true), {
      timeout: 40_000,
    })
    expect(children.filter(({ lines }) => lines[0]?.open)).toHaveLength(1)
    expect(children.filter(({ lines }) => lines[0]?.refused?.startsWith('Another portal'))).toHaveLength(2)
  })
})

describe('after kill -9', () => {
  it('of the portal: the next one adopts the server that goes on running', async () => {
    const dataDir = await preparedFolder()
    const portal = startChild(dataDir, 'portal')
    await portal.said('open')
    const pid = await serverPid(dataDir)
    await portal.kill()
    const handle = await open(dataDir)
    expect(await serverPid(dataDir)).toBe(pid)
    expect(await ask(handle, 'select 1 as one')).toEqual({ one: 1 })
  })

  it('of everything, again and again: no acknowledged row is missing', async () => {
    const dataDir = await preparedFolder()
    let acknowledged = 0
    for (const rowsBeforeKill of [5, 120, 40]) {
      const portal = startChild(dataDir, 'portal', { task: 'write' })
      await portal.said('open')
      const goal = acknowledged + rowsBeforeKill
      await vi.waitFor(() => expect(portal.lines.at(-1)?.acknowledged ?? 0).toBeGreaterThan(goal), {
        timeout: 20_000,
        interval: 5,
      })
      await killServer(dataDir)
      await portal.kill()
      acknowledged = portal.lines.at(-1)?.acknowledged ?? acknowledged
    }
    const handle = await open(dataDir)
    const { rows, last } = await ask<{ rows: number; last: number }>(
      handle,
      'select count(*)::int as rows, max(n)::int as last from acknowledged',
    )
    expect(rows).toBe(last)
    expect(last).toBeGreaterThanOrEqual(acknowledged)
  })

  it('of the server alone: the living portal starts it again at the same address', async () => {
    const dataDir = await preparedFolder()
    const handle = await open(dataDir)
    await ask(handle, 'create table kept as select 7 as seven')
    const pid = await serverPid(dataDir)
    await killServer(dataDir)
    await vi.waitFor(async () => expect(await ask(handle, 'select seven from kept')).toEqual({ seven: 7 }), {
      timeout: 15_000,
      interval: 50,
    })
    expect(await serverPid(dataDir)).not.toBe(pid)
    await vi.waitFor(() => expect(open(dataDir)).rejects.toThrow(/Another portal/), { timeout: 15_000 })
    await handle.stop()
    expect(await serverPid(dataDir)).toBe(0)
  })

  it('of the server while its parent never reaps it: the zombie stops nobody, and the frozen portal gives up', async () => {
    const dataDir = await preparedFolder()
    const portal = startChild(dataDir, 'portal')
    await portal.said('open')
    const pid = await serverPid(dataDir)
    portal.child.kill('SIGSTOP')
    await killServer(dataDir)
    const handle = await open(dataDir)
    expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /)
    expect(await ask(handle, 'select 1 as one')).toEqual({ one: 1 })
    portal.child.kill('SIGCONT')
    expect((await portal.said('lost')).lost).toMatch(/Another portal/)
  })
})
