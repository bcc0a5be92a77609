import { sql } from 'drizzle-orm'
import { OUTBOX_PLACE } from '#portal/adapters/mail/port.ts'
import { unseal } from '#portal/platform/crypto.ts'
import { dropQueued } from '#portal/platform/drop-queued.ts'
import { type ErasedPerson, type Eraser, type EraseScope, told } from '#portal/platform/erasure.ts'
import { redactPerson, spellingsOf } from '#portal/platform/redact-person.ts'
import { MAIL_BOX } from './jobs.ts'

/** Mails to the person and about them, waiting or in the outbox; how they wanted to hear of what. */
export const mailEraser: Eraser = {
  step: 'notifications',
  async erase(scope) {
    const { tx, person } = scope
    const news = await tx.execute(sql`delete from owner_news where user_id = ${person.userId}`)
    const wishes = await tx.execute(
      sql`delete from notification_preferences where user_id = ${person.userId}`,
    )
    return [
      ...told('owner_news', 'deleted', news.rowCount),
      ...told('notification_preferences', 'deleted', wishes.rowCount),
      ...told('mail_outbox', 'deleted', await dropOutbox(scope)),
      ...told('graphile_worker._private_jobs', 'deleted', await dropWaiting(scope)),
      ...(await redactPerson(tx, person, 'alerts', [
        'summary',
        'details::jsonb',
        'acknowledge_reason',
        'resolve_reason',
      ])),
      ...(await redactPerson(tx, person, 'alert_deliveries', ['last_error'])),
    ]
  },
}

function speaksOf({ addresses, names }: ErasedPerson, mail: string): boolean {
  const text = mail.toLowerCase()
  return [...addresses, ...names.flatMap(spellingsOf)].some((one) => text.includes(one.toLowerCase()))
}

async function dropOutbox({ tx, keys, person }: EraseScope): Promise<number> {
  const { rows } = await tx.execute<{ id: number; sealed: Buffer }>(sql`select id, sealed from mail_outbox`)
  const ids = rows
    .filter(({ sealed }) => speaksOf(person, unseal(keys.seal, sealed, OUTBOX_PLACE).toString()))
    .map(({ id }) => id)
  if (ids.length > 0)
    await tx.execute(sql`delete from mail_outbox where id = any(${sql.param(ids)}::bigint[])`)
  return ids.length
}

async function dropWaiting({ tx, keys, person }: EraseScope): Promise<number> {
  return await dropQueued(tx, 'mail.send', ({ sealed, idempotencyKey }) => {
    const box = Buffer.from(String(sealed), 'base64')
    return speaksOf(person, unseal(keys.seal, box, `${MAIL_BOX}:${idempotencyKey}`).toString())
  })
}
