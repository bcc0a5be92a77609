import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import type { Log } from './log.ts'

export type Db = NodePgDatabase
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

// bigint counts fit in a double here (2^53 rows, bytes or milliseconds), and JSON has no bigint.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** A pool whose broken idle connections are logged instead of ending the process. */
export function createPool(config: pg.PoolConfig, log: Log): pg.Pool {
  const pool = new pg.Pool({ max: 20, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 30_000, ...config })
  pool.on('error', (error) => log.warn({ err: error }, 'database connection lost'))
  pool.on('connect', (client) =>
    client.on('error', (error) => log.warn({ err: error }, 'database connection lost')),
  )
  return pool
}

export function createDb(pool: pg.Pool): Db {
  return drizzle(pool)
}

const MIGRATION_LOCK = 7_301_001

/** Folder of this package's SQL migrations. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url))

/**
 * Applies each `NNNN_name.sql` once, in order, each in its own transaction, one process at a time.
 * Throws where an applied file has changed since: a migration is history, not a draft.
 */
export async function migrate(pool: pg.Pool, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query(
      'create table if not exists portal_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string; sha256: string }>(
      'select name, sha256 from portal_migrations',
    )
    const applied = new Map(rows.map((row) => [row.name, row.sha256]))
    const done: string[] = []
    for (const name of (await readdir(folder)).filter((file) => /^\d{4}_.+\.sql$/.test(file)).sort()) {
      const sql = await readFile(`${folder}/${name}`, 'utf8')
      if (await applyOnce(client, name, sql, applied)) done.push(name)
    }
    return done
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {})
    client.release()
  }
}

async function applyOnce(
  client: pg.PoolClient,
  name: string,
  sql: string,
  applied: Map<string, string>,
): Promise<boolean> {
  const sha256 = createHash('sha256').update(sql).digest('hex')
  const before = applied.get(name)
  if (before === sha256) return false
  if (before)
    throw new Error(`migration ${name} was applied with other contents; write a new migration instead`)
  try {
    await client.query('begin')
    await client.query(sql)
    await client.query('insert into portal_migrations (name, sha256) values ($1, $2)', [name, sha256])
    await client.query('commit')
    return true
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

/** When a migration was applied, by the database's clock; null where it was not. */
export async function whenMigrated(db: Db, name: string): Promise<Date | null> {
  const { rows } = await db.execute<{ at: Date }>(
    sql`select applied_at as at from portal_migrations where name = ${name}`,
  )
  return rows[0] ? new Date(rows[0].at) : null
}
