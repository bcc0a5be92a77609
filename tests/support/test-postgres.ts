import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runMigrations, Logger as WorkerLogger } from 'graphile-worker'
import pg from 'pg'
import pino from 'pino'
import { migrateJobs as migrateEngineJobs } from '../../engine/src/platform/job-runner.ts'
import { migrate as migrateEngine } from '../../engine/src/platform/migrations.ts'
import { createPool, migrate as migratePortal } from '../../portal/src/platform/db.ts'
import { openPostgres } from '../../portal/src/platform/embedded-postgres.ts'
import { killTree, processTree } from './process-tree.ts'

/** Whose tables a test database has. */
export type TestSchema = 'portal' | 'engine' | 'both'

export type TestDatabase = {
  pool: pg.Pool
  poolConfig: pg.PoolConfig
  url: string
  /** Ends the pool and drops the database, whoever is still connected. */
  close(): Promise<void>
}

// A database that nobody keeps need not survive a power cut.
const THROW_AWAY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
}
const PREFIX = '/tmp/mm-db-'
const TEMPLATE_LOCK = 7_301_099
const log = pino({ level: 'silent' })

/** Starts an empty Postgres in a temporary folder; `stop` ends it and removes the folder. */
export async function startTestPostgres(): Promise<{ config: pg.PoolConfig; stop(): Promise<void> }> {
  await removeAbandoned()
  const dataDir = await mkdtemp(PREFIX)
  await writeFile(join(dataDir, 'owner'), `${process.pid}`)
  const postgres = await openPostgres({ dataDir, exclusive: true, log, settings: THROW_AWAY })
  const home = await realpath(join(dataDir, 'postgres'))
  return {
    config: postgres.pool,
    async stop() {
      await postgres.stop()
      await rm(home, { recursive: true, force: true })
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

// A run that was killed could not stop its server; the next one does.
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(dirname(PREFIX))) {
    const folder = join(dirname(PREFIX), name)
    if (!folder.startsWith(PREFIX)) continue
    const owner = Number(await readFile(join(folder, 'owner'), 'utf8').catch(() => process.pid))
    if (processTree([owner]).length) continue
    const pid = await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8').catch(() => '')
    await killTree([Number.parseInt(pid, 10) || undefined], 'SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}

/** Clones the template of that schema into a fresh database; the template is migrated once per server. */
export async function cloneDatabase(server: pg.PoolConfig, schema: TestSchema): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await asOwner(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    await ensureTemplate(client, server, schema)
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK])
    await client.query(`create database ${name} template template_${schema}`)
  })
  const poolConfig = { ...server, database: name }
  const pool = createPool(poolConfig, log)
  return {
    pool,
    poolConfig,
    url: urlOf(poolConfig),
    async close() {
      await pool.end()
      await asOwner(server, (client) => dropDatabase(client, name))
    },
  }
}

/**
 * Drops a database, whoever is still connected. Not "with (force)": that is refused while the server's own autovacuum is
 * at work there, which belongs to another user; a plain drop asks it to leave and waits for it.
 */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
  if (!rowCount) return
  await client.query(`alter database ${name} allow_connections false`)
  await client.query(
    'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and usename = current_user',
    [name],
  )
  await client.query(`drop database ${name}`)
}

async function asOwner<T>(server: pg.PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(server)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function ensureTemplate(client: pg.Client, server: pg.PoolConfig, schema: TestSchema): Promise<void> {
  const template = `template_${schema}`
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
  if (rowCount) return
  const draft = `${template}_draft`
  await dropDatabase(client, draft)
  await client.query(`create database ${draft}`)
  const pool = createPool({ ...server, database: draft }, log)
  try {
    if (schema !== 'engine') {
      await runMigrations({ pgPool: pool, logger: new WorkerLogger(() => () => {}) })
      await migratePortal(pool)
    }
    if (schema !== 'portal') {
      await migrateEngine(pool)
      await migrateEngineJobs(pool, log)
    }
  } finally {
    await pool.end()
  }
  await client.query(`alter database ${draft} rename to ${template}`)
}

function urlOf(config: pg.PoolConfig): string {
  const login = `${config.user}:${encodeURIComponent(String(config.password))}`
  return `postgres://${login}@/${config.database}?host=${encodeURIComponent(String(config.host))}&port=${config.port}`
}
