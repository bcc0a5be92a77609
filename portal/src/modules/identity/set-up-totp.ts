import { randomBytes } from 'node:crypto'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { seal, unseal } from '#portal/platform/crypto.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { totpPlace } from './check-second-factor.ts'
import { secondFactorInput } from './inputs.ts'
import { renewRecoveryCodes } from './recovery-codes.ts'
import { sessions, totpFactors, users } from './tables.ts'
import { tellPerson } from './tell-person.ts'
import { base32, matchingStep, otpauthUri } from './totp-codes.ts'

const ISSUER = 'Motion Mavericks'
// RFC 4226, section 4, R6: 160 bits recommended.
const SECRET_BYTES = 20
// Sessions live by the database's clock.
const NOW = sql`clock_timestamp()`

/** Makes the secret of an authenticator app; it guards nothing until its first code was shown. */
export const beginTotp = verb({
  action: 'account.begin-totp',
  input: z.strictObject({}),
  allow: { role: 'guest', owing: ['set-up'], fresh: true },
  async run({ tx, ctx, actor, keys, settings }) {
    if (settings.STAFF_TOTP === 'off')
      throw new AppError('conflict', 'Second factors are switched off here (STAFF_TOTP=off).')
    const [person] = await tx.select({ email: users.email }).from(users).where(eq(users.id, actor.id))
    if (!person) throw new AppError('not_found')
    const secret = randomBytes(SECRET_BYTES)
    const secretSealed = seal(keys.seal, secret, totpPlace(actor.id))
    const [begun] = await tx
      .insert(totpFactors)
      .values({ userId: actor.id, secretSealed, createdAt: ctx.now })
      .onConflictDoUpdate({
        target: totpFactors.userId,
        set: { secretSealed, createdAt: ctx.now },
        setWhere: isNull(totpFactors.confirmedAt),
      })
      .returning({ userId: totpFactors.userId })
    if (!begun)
      throw new AppError('conflict', 'Your account has an authenticator app already. Remove it first.')
    return {
      result: { secret: base32(secret), uri: otpauthUri(secret, ISSUER, person.email) },
      change: { target: { type: 'user', id: actor.id } },
    }
  },
})

/** Takes the first code of a new authenticator app, and gives the recovery codes, this once. */
export const confirmTotp = verb({
  action: 'account.confirm-totp',
  input: secondFactorInput,
  allow: { role: 'guest', owing: ['set-up'] },
  async run(scope) {
    const { tx, input, ctx, actor, keys } = scope
    const waiting = and(eq(totpFactors.userId, actor.id), isNull(totpFactors.confirmedAt))
    const [factor] = await tx.select().from(totpFactors).where(waiting).for('update')
    if (!factor) throw new AppError('conflict', 'There is no authenticator app to confirm. Begin again.')
    const secret = unseal(keys.seal, factor.secretSealed, totpPlace(actor.id))
    const step = matchingStep(secret, input.code.replace(/\s/g, ''), ctx.now, 0)
    if (step === null)
      throw new AppError('invalid', 'This code is not right. Check the clock of your device.', {
        errors: [{ path: 'code', message: 'is not the code of this moment' }],
      })
    await tx.update(totpFactors).set({ confirmedAt: ctx.now, lastStep: step }).where(waiting)
    const recoveryCodes = await renewRecoveryCodes(tx, keys, actor.id)
    if (actor.kind === 'user' && actor.sessionId)
      await tx
        .update(sessions)
        .set({ secondFactorAt: ctx.now, provedAt: NOW })
        .where(eq(sessions.id, actor.sessionId))
    await tellPerson(scope, actor.id, 'totp-added')
    return { result: { recoveryCodes }, change: { target: { type: 'user', id: actor.id } } }
  },
})
