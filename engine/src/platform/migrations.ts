import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'

/** Any two engines on one database must agree on this key. */
const MIGRATION_LOCK = 7_301_002
const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url))

/**
 * Brings the schema "engine" up to date: each `NNNN_name.sql` once, in order, each in its own transaction,
 * one process at a time. Throws where an applied file has changed since.
 */
export async function migrate(pool: pg.Pool, folder: string = FOLDER): Promise<string[]> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query('create schema if not exists engine')
    await client.query(
      `create table if not exists engine.migrations
         (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
    )
    const { rows } = await client.query<{ name: string; sha256: string }>(
      'select name, sha256 from engine.migrations',
    )
    const applied = new Map(rows.map((row) => [row.name, row.sha256]))
    const done: string[] = []
    for (const name of (await readdir(folder)).filter((file) => /^\d{4}_.+\.sql$/.test(file)).sort()) {
      const sql = await readFile(new URL(name, `file://${folder}`), 'utf8')
      if (await applyOnce(client, name, sql, applied.get(name))) done.push(name)
    }
    return done
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    client.release()
  }
}

async function applyOnce(
  client: pg.PoolClient,
  name: string,
  sql: string,
  before?: string,
): Promise<boolean> {
  const sha256 = createHash('sha256').update(sql).digest('hex')
  if (before === sha256) return false
  if (before)
    throw new Error(`engine migration ${name} was applied with other contents; write a new one instead`)
  try {
    await client.query('begin')
    await client.query('set local search_path to engine')
    await client.query(sql)
    await client.query('insert into engine.migrations (name, sha256) values ($1, $2)', [name, sha256])
    await client.query('commit')
    return true
  } catch (error) {
    await client.query('rollback')
    throw new Error(`engine migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}
