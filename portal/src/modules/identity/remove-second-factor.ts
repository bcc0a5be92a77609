import { eq } from 'drizzle-orm'
import { endOwnPlaybacks } from '#portal/modules/playback/end-own-playbacks.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { checkSecondFactor } from './check-second-factor.ts'
import { resetSecondFactorInput, secondFactorInput } from './inputs.ts'
import { renewRecoveryCodes } from './recovery-codes.ts'
import { passkeys, recoveryCodes, sessions, totpFactors, users } from './tables.ts'
import { tellPerson } from './tell-person.ts'

/** Removes the authenticator app, for whoever shows it once more. Staff who must have a factor set one up again. */
export const removeTotp = verb({
  action: 'account.remove-totp',
  input: secondFactorInput,
  allow: { role: 'guest', fresh: true },
  async run(scope) {
    const { tx, actor } = scope
    await mustShow(scope)
    await tx.delete(totpFactors).where(eq(totpFactors.userId, actor.id))
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, actor.id))
    await tellPerson(scope, actor.id, 'totp-removed')
    return { result: null, change: { target: { type: 'user', id: actor.id } } }
  },
})

/** Ten new recovery codes in place of the old ones, for whoever shows a code once more. */
export const replaceRecoveryCodes = verb({
  action: 'account.replace-recovery-codes',
  input: secondFactorInput,
  allow: { role: 'guest', fresh: true },
  async run(scope) {
    const { tx, actor, keys } = scope
    await mustShow(scope)
    const codes = await renewRecoveryCodes(tx, keys, actor.id)
    await tellPerson(scope, actor.id, 'recovery-renewed')
    return { result: { recoveryCodes: codes }, change: { target: { type: 'user', id: actor.id } } }
  },
})

async function mustShow(scope: VerbScope<{ code: string }>): Promise<void> {
  if (await checkSecondFactor(scope, scope.actor.id, scope.input.code)) return
  throw new Refusal('wrong_code', { type: 'user', id: scope.actor.id })
}

/**
 * Takes somebody's second factors away after they lost them: authenticator, recovery codes, passkeys, all
 * sessions and open previews. For another person than themselves: nobody can talk their own way past their factor.
 */
export const resetSecondFactor = verb({
  action: 'user.reset-second-factor',
  input: resetSecondFactorInput,
  allow: { role: 'admin', groups: ['security'], fresh: true },
  async run(scope) {
    const { tx, input, actor } = scope
    const target = { type: 'user', id: input.id }
    if (actor.id === input.id) throw new Refusal('own_factor', target)
    const [person] = await tx.select({ id: users.id }).from(users).where(eq(users.id, input.id))
    if (!person) throw new AppError('not_found')
    for (const table of [totpFactors, recoveryCodes, passkeys, sessions])
      await tx.delete(table).where(eq(table.userId, input.id))
    const { stopped } = await endOwnPlaybacks(scope, input.id)
    await tellPerson(scope, input.id, 'factor-reset')
    return {
      result: null,
      change: {
        target,
        details: { stopped_players: stopped },
        personal: { subject: actor.id, data: { reason: input.reason } },
      },
    }
  },
})
