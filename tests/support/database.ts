import { inject } from 'vitest'
import { cloneDatabase, type TestDatabase, type TestSchema } from './test-postgres.ts'

/**
 * A fresh, migrated database for one test file, on the run's one Postgres: cloned from a template in some
 * 60 ms. Close it in afterAll.
 */
export async function createTestDatabase(schema: TestSchema): Promise<TestDatabase> {
  return await cloneDatabase(inject('postgres'), schema)
}
