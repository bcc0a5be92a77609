import { seal } from '#portal/platform/crypto.ts'
import { ERASED_DOMAIN } from '#portal/platform/erasure.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { composeMail, type MailTemplate, type MailValues } from './compose-mail.ts'
import { MAIL_BOX, sendMail } from './jobs.ts'

export type MailOrder<T extends MailTemplate> = {
  to: string
  template: T
  values: MailValues[T]
  /** Same key, same mail; at most 200 characters, never personal. */
  idempotencyKey: string
  /** Takes a POST that ends such mails (RFC 8058). */
  unsubscribeUrl?: string
}

/**
 * Orders a mail inside the caller's transaction: it is sent if and only if that commits. Recipient and text travel
 * sealed, so that the queue holds no address and no code in the clear.
 */
export async function enqueueMail<T extends MailTemplate>(
  scope: { enqueue: VerbScope<unknown>['enqueue']; keys: Keys },
  order: MailOrder<T>,
): Promise<void> {
  const { to, unsubscribeUrl } = order
  // Nobody reads it: whoever it was for is erased.
  if (to.endsWith(ERASED_DOMAIN)) return
  const mail = {
    to,
    ...composeMail(order.template, order.values),
    ...(unsubscribeUrl ? { unsubscribeUrl } : {}),
  }
  const sealed = seal(scope.keys.seal, JSON.stringify(mail), `${MAIL_BOX}:${order.idempotencyKey}`).toString(
    'base64',
  )
  await scope.enqueue(sendMail, { sealed, idempotencyKey: order.idempotencyKey, template: order.template })
}
