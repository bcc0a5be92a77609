import { and, eq, isNotNull, lt } from 'drizzle-orm'
import { unseal } from '#portal/platform/crypto.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { spendRecoveryCode } from './recovery-codes.ts'
import { totpFactors } from './tables.ts'
import { matchingStep } from './totp-codes.ts'

export type ProofMeans = 'totp' | 'recovery_code'

/** Binds a sealed secret to its person. */
export const totpPlace = (userId: string) => `totp:${userId}`

/**
 * Whether this is the person's code of the moment, or one of their recovery codes. Either is used up by it: of two
 * requests with the same code, one is right.
 */
export async function checkSecondFactor(
  scope: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'keys'>,
  userId: string,
  code: string,
): Promise<ProofMeans | null> {
  const { tx, ctx, keys } = scope
  const typed = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(typed))
    return (await spendRecoveryCode(tx, keys, { userId, code, at: ctx.now })) ? 'recovery_code' : null
  const confirmed = and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt))
  const [factor] = await tx.select().from(totpFactors).where(confirmed)
  if (!factor) return null
  const secret = unseal(keys.seal, factor.secretSealed, totpPlace(userId))
  const step = matchingStep(secret, typed, ctx.now, factor.lastStep)
  if (step === null) return null
  const taken = await tx
    .update(totpFactors)
    .set({ lastStep: step })
    .where(and(confirmed, lt(totpFactors.lastStep, step)))
    .returning({ userId: totpFactors.userId })
  return taken.length === 1 ? 'totp' : null
}
