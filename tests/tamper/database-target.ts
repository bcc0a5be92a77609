import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { verifyDatabase } from '../../portal/src/modules/audit/verify-database.ts'
import type { TestAuditLog } from '../support/audit-log.ts'
import { DATABASE_TAMPERINGS } from './database-tamperings.ts'
import type { Target } from './target.ts'

const TABLES = ['audit_events', 'audit_leaves', 'audit_tiles', 'audit_checkpoints', 'audit_head']

/**
 * The rows of the stored log, verified as `audit verify` does, in a process that knows nothing but the head that this
 * machine remembers. Everything happens in one transaction that never commits: going back to its savepoint restores
 * the log.
 */
export async function databaseTarget(
  audit: TestAuditLog,
  oldCheckpoint: string,
): Promise<Target & { close(): Promise<void> }> {
  const client = await audit.database.pool.connect()
  await client.query('begin')
  for (const table of TABLES) await client.query(`alter table ${table} disable trigger user`)
  await client.query('savepoint untouched')
  const pool = poolWithin(client)
  const anchorFile = join(audit.folder, 'anchor.txt')
  const anchor = await readFile(anchorFile, 'utf8')
  const original = await sumOf(client)

  const verify = () =>
    audit
      .reopen({ pool })
      .then((log) => verifyDatabase(log, oldCheckpoint))
      .then(
        ({ ok }) => ({ found: !ok, unreadable: false }),
        () => ({ found: true, unreadable: true }),
      )

  return {
    name: 'database',
    kinds: Object.keys(DATABASE_TAMPERINGS),
    async attempt(kind, random) {
      const stored = {
        query: (text: string, values?: unknown[]) => client.query(text, values),
        change: (text: string, values?: unknown[]) => client.query(text, values),
      }
      if (kind !== null) await DATABASE_TAMPERINGS[kind]!(stored, random, audit.log.signers[0]!)
      const changed = (await sumOf(client)) !== original
      const verdict = await verify()
      await client.query('rollback to savepoint untouched')
      await writeFile(anchorFile, anchor)
      return { changed, ...verdict }
    },
    async close() {
      await client.query('rollback')
      client.release()
    },
  }
}

async function sumOf(client: pg.PoolClient): Promise<string> {
  const parts = TABLES.map((table) => `(select string_agg(t::text, '|' order by t::text) from ${table} t)`)
  const { rows } = await client.query(`select md5(concat_ws('#', ${parts.join(', ')})) as sum`)
  return rows[0].sum
}

/** A pool that is one connection in the middle of a transaction: begin, commit and rollback become savepoints. */
function poolWithin(client: pg.PoolClient): pg.Pool {
  let depth = 0
  const translate = (text: string): string => {
    const word = text.trim().toLowerCase()
    if (word.startsWith('begin')) return `savepoint within_${++depth}`
    if (word === 'commit') return `release savepoint within_${depth--}`
    if (word === 'rollback') return `rollback to savepoint within_${depth--}`
    return text
  }
  const query = (text: string | pg.QueryConfig, values?: unknown[]) =>
    typeof text === 'string' ? client.query(translate(text), values) : client.query(text)
  return {
    query,
    connect: async () => ({ query, release() {} }),
  } as unknown as pg.Pool
}
