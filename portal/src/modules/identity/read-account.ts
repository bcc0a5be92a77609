import { and, asc, desc, eq, gt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { renameAccountInput } from './inputs.ts'
import { countRecoveryCodes } from './recovery-codes.ts'
import { accounts, passkeys, sessions, totpFactors, users } from './tables.ts'

/** What a person sees of their own account: means of signing in, second factors, sessions. */
export const getAccount = read({
  action: 'account.get',
  input: z.strictObject({}),
  allow: { role: 'guest' },
  async run({ db, actor, settings }) {
    const [person] = await db
      .select({ name: users.name, email: users.email, totpSince: totpFactors.confirmedAt })
      .from(users)
      .leftJoin(totpFactors, eq(totpFactors.userId, users.id))
      .where(eq(users.id, actor.id))
    if (!person) throw new AppError('not_found')
    const [password] = await db
      .select({ id: accounts.id })
      .from(accounts)
      .where(and(eq(accounts.userId, actor.id), eq(accounts.providerId, 'credential')))
    const keys = await db
      .select({
        id: passkeys.id,
        name: passkeys.name,
        createdAt: passkeys.createdAt,
        backedUp: passkeys.backedUp,
      })
      .from(passkeys)
      .where(eq(passkeys.userId, actor.id))
      .orderBy(asc(passkeys.createdAt))
    return {
      name: person.name,
      email: person.email,
      hasPassword: password !== undefined,
      staffTotp: settings.STAFF_TOTP,
      totpSince: person.totpSince?.toISOString() ?? null,
      recoveryCodesLeft: await countRecoveryCodes(db, actor.id),
      passkeys: keys.map((key) => ({ ...key, createdAt: key.createdAt.toISOString() })),
    }
  },
})

/** What a session that has just begun still owes, and with what it can be shown. */
export const getOwed = read({
  action: 'account.owed',
  input: z.strictObject({}),
  allow: { role: 'guest', owing: ['prove', 'set-up'] },
  async run({ db, actor }) {
    const [row] = await db
      .select({
        totp: sql<boolean>`exists (select from ${totpFactors} where ${totpFactors.userId} = ${actor.id} and ${totpFactors.confirmedAt} is not null)`,
        passkey: sql<boolean>`exists (select from ${passkeys} where ${passkeys.userId} = ${actor.id})`,
      })
      .from(users)
      .where(eq(users.id, actor.id))
    const owes = actor.kind === 'user' ? (actor.owes ?? null) : null
    return { owes, totp: row?.totp ?? false, passkey: row?.passkey ?? false }
  },
})

/** Where this person is signed in, newest first. */
export const listSessions = read({
  action: 'account.list-sessions',
  input: z.strictObject({}),
  allow: { role: 'guest' },
  async run({ db, actor }) {
    const rows = await db
      .select()
      .from(sessions)
      // By the database's clock, as Better Auth's own.
      .where(and(eq(sessions.userId, actor.id), gt(sessions.expiresAt, sql`now()`)))
      .orderBy(desc(sessions.createdAt))
      .limit(100)
    return rows.map((row) => ({
      id: row.id,
      device: row.deviceLabel ?? 'Unknown device',
      createdAt: row.createdAt.toISOString(),
      lastSeenAt: (row.lastSeenAt ?? row.createdAt).toISOString(),
      isThisOne: actor.kind === 'user' && row.id === actor.sessionId,
      secondFactor: row.secondFactorAt !== null,
    }))
  },
})

/** Another name for others to see. */
export const renameAccount = verb({
  action: 'account.rename',
  input: renameAccountInput,
  allow: { role: 'guest' },
  async run({ tx, input, ctx, actor }) {
    await tx.update(users).set({ name: input.name, updatedAt: ctx.now }).where(eq(users.id, actor.id))
    return {
      result: { name: input.name },
      change: {
        target: { type: 'user', id: actor.id },
        personal: { subject: actor.id, data: { name: input.name } },
      },
    }
  },
})
