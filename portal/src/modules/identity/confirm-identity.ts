import { and, eq, sql } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { isPassword } from '#portal/platform/password-hash.ts'
import { checkSecondFactor } from './check-second-factor.ts'
import { confirmIdentityInput } from './inputs.ts'
import { accounts, passkeys, sessions, totpFactors } from './tables.ts'

type Proof = { password?: string | undefined; code?: string | undefined }
type Scope = VerbScope<Proof>

/**
 * Shows once more that it is they who use the session, by all that they sign in with: what is sensitive can be done
 * for the next quarter of an hour. Whoever has a passkey and no authenticator shows the passkey, as at sign-in.
 */
export const confirmIdentity = verb({
  action: 'account.confirm-identity',
  input: confirmIdentityInput,
  allow: { role: 'guest' },
  async run(scope) {
    const { tx, actor } = scope
    const target = { type: 'user', id: actor.id }
    const fault = await faultOf(scope)
    if (fault) return { result: { right: false }, change: { target, outcome: 'refused', reason: fault } }
    if (actor.kind === 'user' && actor.sessionId)
      await tx
        .update(sessions)
        .set({ provedAt: sql`clock_timestamp()` })
        .where(eq(sessions.id, actor.sessionId))
    return { result: { right: true }, change: { target } }
  },
})

async function faultOf(scope: Scope): Promise<'wrong_password' | 'wrong_code' | null> {
  const { actor, input } = scope
  const { hash, totp, passkey } = await meansOf(scope)
  if (!totp && (passkey || !hash))
    throw new AppError('conflict', passkey ? 'Show your passkey.' : 'Sign in again, then go on.')
  // The password first: a guess at it must not use up a code.
  if (hash && !(input.password && (await isPassword(hash, input.password)))) return 'wrong_password'
  if (totp && !(input.code && (await checkSecondFactor(scope, actor.id, input.code)))) return 'wrong_code'
  return null
}

async function meansOf({ tx, actor }: Scope) {
  const [row] = await tx
    .select({
      hash: accounts.password,
      totp: sql<boolean>`exists (select from ${totpFactors} where ${totpFactors.userId} = ${actor.id} and ${totpFactors.confirmedAt} is not null)`,
      passkey: sql<boolean>`exists (select from ${passkeys} where ${passkeys.userId} = ${actor.id})`,
    })
    .from(sql`(select 1) as one`)
    .leftJoin(accounts, and(eq(accounts.userId, actor.id), eq(accounts.providerId, 'credential')))
  return { hash: row?.hash ?? null, totp: row?.totp ?? false, passkey: row?.passkey ?? false }
}
