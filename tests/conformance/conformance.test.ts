import { afterAll, beforeAll, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/test-postgres.ts'
import { allChecks } from './all-checks.ts'
import { startTarget } from './target.ts'

let database: TestDatabase
let target: Awaited<ReturnType<typeof startTarget>>

beforeAll(async () => {
  database = await createTestDatabase('engine')
  target = await startTarget(database.url)
})

afterAll(async () => {
  await target?.stop()
  await database?.close()
})

it.each(allChecks.map((check) => [check.name, check] as const))('%s', async (_name, check) => {
  await check.run(target)
})
