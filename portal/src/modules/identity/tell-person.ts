import { eq } from 'drizzle-orm'
import type { AccountNotice } from '#portal/modules/notifications/account-mails.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { users } from './tables.ts'

/** Mails a person what happened to their account, in the same transaction as the change. */
export async function tellPerson(
  scope: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'keys' | 'settings' | 'enqueue'>,
  userId: string,
  notice: AccountNotice,
): Promise<void> {
  const { tx, ctx, settings } = scope
  const [person] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId))
  if (!person) return
  await enqueueMail(scope, {
    to: person.email,
    template: 'account-notice',
    values: { notice, at: ctx.now, url: `${settings.PUBLIC_URL}/account/security` },
    idempotencyKey: ctx.newId('mail'),
  })
}
