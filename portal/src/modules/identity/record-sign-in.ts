import { lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '#portal/platform/db.ts'
import { verb } from '#portal/platform/operation.ts'
import { sessions, verifications } from './tables.ts'

/** Leaves each sign-in and each refused one in the log; Better Auth has decided by then. */
export const recordSignIn = verb({
  action: 'session.sign-in',
  input: z.strictObject({
    userId: z.string().nullable(),
    ok: z.boolean(),
    means: z.enum(['password', 'passkey', 'code', 'vendor']).default('vendor'),
    /** Why it was refused, in a word that names nobody. */
    reason: z.string().max(40).default('wrong_credentials'),
  }),
  allow: { system: true },
  async run({ tx, input }) {
    await forgetEnded(tx)
    return {
      result: null,
      change: {
        target: { type: 'user', id: input.userId ?? 'unknown' },
        details: { means: input.means },
        outcome: input.ok ? 'allowed' : 'refused',
        ...(input.ok ? {} : { reason: input.reason }),
      },
    }
  },
})

/** Leaves each sign-out in the log; the session has ended by then. */
export const recordSignOut = verb({
  action: 'session.sign-out',
  input: z.strictObject({ userId: z.string() }),
  allow: { system: true },
  async run({ input }) {
    return { result: null, change: { target: { type: 'user', id: input.userId } } }
  },
})

/** What has run out goes, by the database's clock: nobody else clears these two tables. */
async function forgetEnded(tx: Tx): Promise<void> {
  await tx.delete(sessions).where(lt(sessions.expiresAt, sql`now() - interval '1 day'`))
  await tx.delete(verifications).where(lt(verifications.expiresAt, sql`now() - interval '1 day'`))
}
