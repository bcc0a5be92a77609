import pino from 'pino'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { keptInDatabase } from './keep.ts'
import { createMemoryStore } from './memory.ts'
import { remembering } from './remember.ts'

const log = pino({ level: 'silent' })
const use = { key: 'upload:usr_1', cost: 1, burst: 3, emissionUs: 600_000_000 }

it('[RLA-01] is not emptied by a restart', async () => {
  const database = await createTestDatabase('portal')
  const start = () => remembering(keptInDatabase(createMemoryStore(), { pool: database.pool, log }))
  const first = start()
  for (let n = 0; n < 2; n++) expect((await first.take([use])).admitted).toBe(true)
  await first.stop()
  const second = start()
  expect((await second.take([use])).admitted).toBe(true)
  expect((await second.take([use])).admitted).toBe(false)
  await second.stop()
  await database.close()
})

it('throws where what was owed can’t be read, and counts once it can', async () => {
  const database = await createTestDatabase('portal')
  await database.pool.query('alter table limit_arrivals rename to away')
  const limits = remembering(keptInDatabase(createMemoryStore(), { pool: database.pool, log }))
  await expect(limits.take([use])).rejects.toThrow()
  await database.pool.query('alter table away rename to limit_arrivals')
  expect((await limits.take([use])).admitted).toBe(true)
  await limits.stop()
  await database.close()
})
