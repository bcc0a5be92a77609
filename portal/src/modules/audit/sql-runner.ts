import type { Pool, PoolClient } from 'pg'
import type { Tx } from '#portal/platform/db.ts'

/** What can run one statement: a drizzle transaction, a pg client, or a pool. */
export type SqlRunner = Pick<Tx, '_'> | Pick<PoolClient, 'query'> | Pick<Pool, 'query'>

/**
 * Runs one parameterised statement in whatever transaction the runner stands; rows as pg gives them.
 * With a name the server parses and plans it once a connection.
 */
export async function runSql<Row>(
  runner: SqlRunner,
  text: string,
  values: unknown[],
  name?: string,
): Promise<Row[]> {
  if (!('_' in runner)) return (await runner.query({ text, values, name })).rows
  const prepared = runner._.session.prepareQuery({ sql: text, params: values }, undefined, name, false)
  return ((await prepared.execute()) as { rows: Row[] }).rows
}

/** Runs in one transaction on one connection; a connection that cannot even roll back is thrown away. */
export async function inTransaction<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let isBroken = false
  try {
    await client.query('begin')
    const result = await run(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true
    })
    throw error
  } finally {
    client.release(isBroken)
  }
}

/** Streams from one unchanging state of the database, in a read-only transaction that ends with the stream. */
export async function* inSnapshot<T>(
  pool: Pool,
  stream: (client: PoolClient) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const client = await pool.connect()
  let isBroken = false
  try {
    await client.query('begin isolation level repeatable read, read only')
    yield* stream(client)
  } finally {
    await client.query('rollback').catch(() => {
      isBroken = true
    })
    client.release(isBroken)
  }
}
