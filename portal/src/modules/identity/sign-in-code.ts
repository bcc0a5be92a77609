import { eq } from 'drizzle-orm'
import { verb } from '#portal/platform/operation.ts'
import { mailAccountProof, sealAccountMail } from './account-mail-job.ts'
import { makeSignInCode, takeCode } from './account-proofs.ts'
import { isMember } from './identity-facts.ts'
import { addressInput, redeemCodeInput } from './inputs.ts'
import { users } from './tables.ts'

/** Asks for a code to sign in with. The answer and the work are the same whether the address is somebody's or not. */
export const requestSignInCode = verb({
  action: 'session.request-code',
  input: addressInput,
  allow: { anyone: true },
  async run(scope) {
    const { input, keys, enqueue } = scope
    const { id, code } = await makeSignInCode(scope, input.email)
    const sealed = sealAccountMail(keys, id, { kind: 'code', email: input.email, secret: code })
    await enqueue(mailAccountProof, { proofId: id, sealed })
    return { result: { id }, change: { target: { type: 'account_proof', id } } }
  },
})

/** Takes a code; the door then begins the session. A second factor is asked for after it as after a password. */
export const redeemSignInCode = verb({
  action: 'session.sign-in-by-code',
  input: redeemCodeInput,
  allow: { system: true },
  async run(scope) {
    const { tx, input } = scope
    const email = await takeCode(scope, input)
    const [person] = email ? await tx.select({ id: users.id }).from(users).where(eq(users.email, email)) : []
    const isIn = person !== undefined && (await isMember(tx, person.id))
    const result: { userId: string | null } = { userId: isIn ? person.id : null }
    const target = person ? { type: 'user', id: person.id } : { type: 'account_proof', id: input.id }
    if (isIn) return { result, change: { target } }
    const reason = person ? 'deactivated' : 'wrong_code'
    return { result, change: { target, outcome: 'refused', reason } }
  },
})
