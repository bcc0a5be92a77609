import pg from 'pg'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { limitsContract } from './contract.ts'
import { createPostgresLimits } from './postgres.ts'

limitsContract('Postgres', async () => {
  const database = await createTestDatabase('portal')
  return { port: createPostgresLimits({ pool: database.pool }), stop: database.close }
})

it('throws where the database is gone, so that nobody takes silence for a yes', async () => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 })
  const limits = createPostgresLimits({ pool })
  await expect(limits.consume({ name: 'any', limit: 1, windowSeconds: 60 }, 'key')).rejects.toThrow()
  await pool.end()
})
