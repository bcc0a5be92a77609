import { and, eq } from 'drizzle-orm'
import { endOwnPlaybacks, endPlaybacksWithoutSession } from '#portal/modules/playback/end-own-playbacks.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { hashPassword, isPassword } from '#portal/platform/password-hash.ts'
import { mailAccountProof, sealAccountMail } from './account-mail-job.ts'
import { makeResetToken, takeResetToken } from './account-proofs.ts'
import { endSessionsOf } from './end-sessions.ts'
import { addressInput, changePasswordInput, resetPasswordInput } from './inputs.ts'
import { refusePoorPassword } from './poor-password.ts'
import { accounts, members, organisations, users } from './tables.ts'
import { tellPerson } from './tell-person.ts'

/** Another password, for whoever knows the present one; ends the other sessions if asked to, and what plays with them. */
export const changePassword = verb({
  action: 'account.change-password',
  input: changePasswordInput,
  allow: { role: 'guest' },
  async run(scope) {
    const { tx, input, actor } = scope
    const credential = await credentialOf(tx, actor.id)
    const right = credential?.password && (await isPassword(credential.password, input.currentPassword))
    if (!right) throw new Refusal('wrong_password', { type: 'user', id: actor.id })
    await setPassword(scope, actor.id, input.newPassword, 'newPassword')
    const keep = actor.kind === 'user' ? actor.sessionId : undefined
    const ended = input.endOthers ? await endSessionsOf(tx, actor.id, keep) : 0
    const { stopped } = ended > 0 ? await endPlaybacksWithoutSession(scope, [actor.id]) : { stopped: 0 }
    await tellPerson(scope, actor.id, 'password-changed')
    return {
      result: { ended },
      change: {
        target: { type: 'user', id: actor.id },
        details: { sessions_ended: ended, stopped_players: stopped },
      },
    }
  },
})

/** Asks for a link to set a new password; the same answer and work for every address. */
export const requestPasswordReset = verb({
  action: 'account.request-reset',
  input: addressInput,
  allow: { anyone: true },
  async run(scope) {
    const { input, keys, enqueue } = scope
    const { id, token } = await makeResetToken(scope, input.email)
    const sealed = sealAccountMail(keys, id, { kind: 'reset', email: input.email, secret: token })
    await enqueue(mailAccountProof, { proofId: id, sealed })
    return { result: null, change: { target: { type: 'account_proof', id } } }
  },
})

/** Sets a new password by the link from the mail, once. All sessions and previews end; a second factor stays as it was. */
export const resetPassword = verb({
  action: 'account.reset-password',
  input: resetPasswordInput,
  allow: { anyone: true },
  async run(scope) {
    const { tx, input } = scope
    const asked = await takeResetToken(scope, input.token)
    const [person] = asked
      ? await tx.select({ id: users.id }).from(users).where(eq(users.email, asked.email))
      : []
    const credential = person && (await credentialOf(tx, person.id))
    // A link that was asked for before the password changed is of no use to whoever still has that mail.
    if (!asked || !person || !credential || credential.updatedAt > asked.askedAt)
      throw new Refusal('reset_link_not_open')
    await setPassword(scope, person.id, input.password, 'password')
    const ended = await endSessionsOf(tx, person.id)
    const { stopped } = await endOwnPlaybacks(scope, person.id)
    await tellPerson(scope, person.id, 'password-reset')
    return {
      result: null,
      change: {
        target: { type: 'user', id: person.id },
        details: { sessions_ended: ended, stopped_players: stopped },
      },
    }
  },
})

/** Held until the change has committed: of two at once the second one meets what the first one left. */
async function credentialOf(tx: Tx, userId: string) {
  const [credential] = await tx
    .select({ id: accounts.id, password: accounts.password, updatedAt: accounts.updatedAt })
    .from(accounts)
    .where(and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential')))
    .for('update')
  return credential
}

async function setPassword(
  { tx, ctx, settings }: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'settings'>,
  userId: string,
  password: string,
  field: string,
): Promise<void> {
  const [person] = await tx
    .select({ name: users.name, email: users.email, organisation: organisations.name })
    .from(users)
    .innerJoin(members, eq(members.userId, users.id))
    .innerJoin(organisations, eq(organisations.id, members.organisationId))
    .where(eq(users.id, userId))
  if (!person) throw new AppError('not_found')
  const context = [person.name, person.email, person.organisation]
  await refusePoorPassword({ password, context, settings, field })
  await tx
    .update(accounts)
    .set({ password: await hashPassword(password), updatedAt: ctx.now })
    .where(and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential')))
}
