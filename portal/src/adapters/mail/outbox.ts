import { createHash } from 'node:crypto'
import type pg from 'pg'
import { seal } from '#portal/platform/crypto.ts'
import type { SealRing } from '#portal/platform/seal-ring.ts'
import { type MailPort, OUTBOX_KEEPS, OUTBOX_PLACE, type OutboxMail } from './port.ts'

/**
 * The mail service of an installation that has none: mails lie sealed in the database, and an administrator reads
 * them on the outbox page.
 */
export function createOutboxMail(options: { pool: pg.Pool; sealKey: SealRing; clock: () => Date }): MailPort {
  return {
    kind: 'outbox',
    async send({ to, subject, text, idempotencyKey }) {
      const key = createHash('sha256').update(idempotencyKey).digest()
      const mail: OutboxMail = { to, subject, text }
      const sealed = seal(options.sealKey, JSON.stringify(mail), OUTBOX_PLACE)
      const { rowCount } = await options.pool.query(
        'insert into mail_outbox (key, sealed, created_at) values ($1, $2, $3) on conflict (key) do nothing',
        [key, sealed, options.clock()],
      )
      if (!rowCount) return
      await options.pool.query(
        'delete from mail_outbox where id < (select id from mail_outbox order by id desc offset $1 limit 1)',
        [OUTBOX_KEEPS - 1],
      )
    },
  }
}
