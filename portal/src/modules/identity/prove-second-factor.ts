import { eq, sql } from 'drizzle-orm'
import { verb } from '#portal/platform/operation.ts'
import { checkSecondFactor } from './check-second-factor.ts'
import { secondFactorInput } from './inputs.ts'
import { sessions } from './tables.ts'
import { tellPerson } from './tell-person.ts'

// Sessions live by the database's clock.
const NOW = sql`clock_timestamp()`

/** Shows the second factor that this session owes: a code from the authenticator, or a recovery code. */
export const proveSecondFactor = verb({
  action: 'account.prove-second-factor',
  input: secondFactorInput,
  allow: { role: 'guest', owing: ['prove'] },
  async run(scope) {
    const { tx, input, ctx, actor } = scope
    const target = { type: 'user', id: actor.id }
    const means = await checkSecondFactor(scope, actor.id, input.code)
    if (!means)
      return { result: { right: false }, change: { target, outcome: 'refused', reason: 'wrong_code' } }
    if (actor.kind === 'user' && actor.sessionId)
      await tx
        .update(sessions)
        .set({ secondFactorAt: ctx.now, provedAt: NOW })
        .where(eq(sessions.id, actor.sessionId))
    if (means === 'recovery_code') await tellPerson(scope, actor.id, 'recovery-used')
    return { result: { right: true }, change: { target, details: { means } } }
  },
})
