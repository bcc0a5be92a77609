import { z } from 'zod'
import { verb } from '#portal/platform/operation.ts'

/** Leaves each sign-in and each refused one in the log; Better Auth has decided by then. */
export const recordSignIn = verb({
  action: 'session.sign-in',
  input: z.strictObject({ userId: z.string().nullable(), ok: z.boolean() }),
  allow: { system: true },
  async run({ input }) {
    return {
      result: null,
      change: {
        target: { type: 'user', id: input.userId ?? 'unknown' },
        outcome: input.ok ? 'allowed' : 'refused',
        ...(input.ok ? {} : { reason: 'wrong_credentials' }),
      },
    }
  },
})
