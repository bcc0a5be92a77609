import { afterAll, beforeAll, expect, it } from 'vitest'
import { unseal } from '#portal/platform/crypto.ts'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import { oneKey } from '../../../../tests/support/one-key.ts'
import { mailContract } from './contract.ts'
import { createOutboxMail } from './outbox.ts'
import { OUTBOX_KEEPS, OUTBOX_PLACE, type OutboxMail } from './port.ts'

const sealKey = oneKey()

mailContract('embedded outbox', async () => {
  const database = await createTestDatabase('portal')
  return {
    port: createOutboxMail({ pool: database.pool, sealKey, clock: () => new Date() }),
    async delivered() {
      const { rows } = await database.pool.query<{ sealed: Buffer }>(
        'select sealed from mail_outbox order by id',
      )
      return rows.map((row) => JSON.parse(unseal(sealKey, row.sealed, OUTBOX_PLACE).toString()) as OutboxMail)
    },
    stop: database.close,
  }
})

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase('portal')
})
afterAll(() => database.close())

it('keeps the newest mails and no more, and none of them in the clear', async () => {
  const port = createOutboxMail({ pool: database.pool, sealKey, clock: () => new Date() })
  await database.pool.query(
    `insert into mail_outbox (key, sealed, created_at)
     select sha256(n::text::bytea), '\\x00', now() from generate_series(1, $1) n`,
    [OUTBOX_KEEPS + 20],
  )
  await port.send({
    to: 'reader@example.com',
    subject: 'The newest',
    text: '123456',
    idempotencyKey: 'newest',
  })
  const { rows } = await database.pool.query<{ id: number; sealed: Buffer }>(
    'select * from mail_outbox order by id desc',
  )
  expect(rows).toHaveLength(OUTBOX_KEEPS)
  expect(rows[0]!.sealed.toString('latin1')).not.toMatch(/reader|newest|123456/i)
})
