import pg from 'pg'
import pino from 'pino'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { limitsContract } from './contract.ts'
import { createPostgresStore } from './postgres.ts'
import { remembering } from './remember.ts'

const log = pino({ level: 'silent' })

limitsContract('Postgres', async () => {
  const database = await createTestDatabase('portal')
  const other = new pg.Pool(database.poolConfig)
  const nodes = [database.pool, other].map((pool) => remembering(createPostgresStore({ pool, log })))
  return {
    nodes: [nodes[0]!, nodes[1]!],
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      await other.end()
      await database.close()
    },
  }
})

it('throws where the database is gone, so that nobody takes silence for a yes', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 })
  const limits = remembering(createPostgresStore({ pool, log }))
  await expect(limits.take([{ key: 'any', cost: 1, burst: 1, emissionUs: 1000 }])).rejects.toThrow()
  await limits.stop()
  await pool.end()
})
