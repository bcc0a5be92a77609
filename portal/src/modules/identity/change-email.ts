import { eq } from 'drizzle-orm'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { CODE_MINUTES, makeChangeCodes, takeCode } from './account-proofs.ts'
import { keepFormerAddress } from './former-addresses.ts'
import { addressInput, confirmEmailInput } from './inputs.ts'
import { users } from './tables.ts'
import { tellPerson } from './tell-person.ts'

/** Begins a change of address: a code goes to the new one and another to the present one. */
export const requestEmailChange = verb({
  action: 'account.request-email-change',
  input: addressInput,
  allow: { role: 'guest', fresh: true },
  async run(scope) {
    const { tx, input, actor } = scope
    const [person] = await tx.select({ email: users.email }).from(users).where(eq(users.id, actor.id))
    if (!person) throw new AppError('not_found')
    if (person.email === input.email) throw new AppError('conflict', 'This is your address already.')
    const { id, codes } = await makeChangeCodes(scope, actor.id, input.email)
    const letters = [
      { to: input.email, which: 'new' },
      { to: person.email, which: 'present' },
    ] as const
    for (const { to, which } of letters)
      await enqueueMail(scope, {
        to,
        template: 'change-address',
        values: { code: codes[which], minutes: CODE_MINUTES, which },
        idempotencyKey: `${id}:${which}`,
      })
    return { result: { id }, change: { target: { type: 'user', id: actor.id } } }
  },
})

/** Ends a change of address, once both codes are shown. The old address is told. */
export const confirmEmailChange = verb({
  action: 'account.confirm-email-change',
  input: confirmEmailInput,
  allow: { role: 'guest' },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const target = { type: 'user', id: actor.id }
    const email = await takeCode(scope, {
      id: input.id,
      code: input.newCode,
      present: { code: input.presentCode, userId: actor.id },
    })
    if (!email)
      return { result: { changed: false }, change: { target, outcome: 'refused', reason: 'wrong_code' } }
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, email))
    if (taken) throw new AppError('conflict', 'Somebody has an account with this address.')
    // To the address that is given up: afterwards nobody could tell its owner.
    await tellPerson(scope, actor.id, 'email-changed')
    await keepFormerAddress(scope, actor.id)
    await tx
      .update(users)
      .set({ email, emailVerified: true, updatedAt: ctx.now })
      .where(eq(users.id, actor.id))
    return {
      result: { changed: true },
      change: { target, personal: { subject: actor.id, data: { email } } },
    }
  },
})
