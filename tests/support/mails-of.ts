import { unseal } from '../../portal/src/platform/crypto.ts'
import type { TestApp } from './test-app.ts'

type Queued = { to: string; subject: string; text: string; unsubscribeUrl?: string }

/** Every mail that waits in the queue, opened, oldest first. */
export async function mailsOf({ app }: TestApp): Promise<Queued[]> {
  const { rows } = await app.pool.query(
    `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier = 'mail.send' order by j.id`,
  )
  return rows.map(({ payload: { sealed, idempotencyKey } }) =>
    JSON.parse(unseal(app.keys.seal, Buffer.from(sealed, 'base64'), `mail:${idempotencyKey}`).toString()),
  )
}
