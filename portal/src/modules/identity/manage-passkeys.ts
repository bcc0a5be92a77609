import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { passkeyInput, renamePasskeyInput } from './inputs.ts'
import { passkeys, sessions } from './tables.ts'
import { tellPerson } from './tell-person.ts'

/** Leaves a new passkey in the log; the identity vendor has verified and kept it by then. */
export const recordPasskey = verb({
  action: 'account.add-passkey',
  input: z.strictObject({ userId: z.string(), passkeyId: z.string(), sessionId: z.string().nullable() }),
  allow: { system: true },
  async run(scope) {
    const { tx, input, ctx } = scope
    // Making it showed device and holder: that is this session's second factor.
    if (input.sessionId)
      await tx
        .update(sessions)
        .set({ secondFactorAt: ctx.now, provedAt: sql`clock_timestamp()` })
        .where(and(eq(sessions.id, input.sessionId), eq(sessions.userId, input.userId)))
    await tellPerson(scope, input.userId, 'passkey-added')
    return {
      result: null,
      change: { target: { type: 'user', id: input.userId }, details: { passkey_id: input.passkeyId } },
    }
  },
})

/** Another name for one of one's passkeys. */
export const renamePasskey = verb({
  action: 'account.rename-passkey',
  input: renamePasskeyInput,
  allow: { role: 'guest' },
  async run({ tx, input, actor }) {
    const renamed = await tx
      .update(passkeys)
      .set({ name: input.name })
      .where(and(eq(passkeys.id, input.id), eq(passkeys.userId, actor.id)))
      .returning({ id: passkeys.id })
    if (renamed.length === 0) throw new AppError('not_found', 'This passkey is not there any more.')
    return { result: { name: input.name }, change: { target: { type: 'passkey', id: input.id } } }
  },
})

/** Removes one of one's passkeys: nobody signs in with it from then on. */
export const removePasskey = verb({
  action: 'account.remove-passkey',
  input: passkeyInput,
  allow: { role: 'guest', fresh: true },
  async run(scope) {
    const { tx, input, actor } = scope
    const removed = await tx
      .delete(passkeys)
      .where(and(eq(passkeys.id, input.id), eq(passkeys.userId, actor.id)))
      .returning({ id: passkeys.id })
    if (removed.length === 0) throw new AppError('not_found', 'This passkey is not there any more.')
    await tellPerson(scope, actor.id, 'passkey-removed')
    return { result: null, change: { target: { type: 'passkey', id: input.id } } }
  },
})
