import { randomInt } from 'node:crypto'
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { equalInConstantTime, hashToken, keyedHash, newToken, seal, unseal } from '#portal/platform/crypto.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { accountProofs } from './tables.ts'

export const CODE_MINUTES = 10
export const LINK_MINUTES = 30
const MAX_ATTEMPTS = 5

type Scope = Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'keys'>

/** Binds a sealed address to its proof. */
export const addressPlace = (id: string) => `account-proof:${id}`

const codeHash = (keys: Keys, id: string, which: 'new' | 'present', code: string) =>
  keyedHash(keys.hash, 'account-code', `${id}:${which}:${code}`)

const sixDigits = () => String(randomInt(1_000_000)).padStart(6, '0')

/** A code to sign in with, for an address that somebody has here or not: made and kept alike. */
export async function makeSignInCode(scope: Scope, email: string): Promise<{ id: string; code: string }> {
  const code = sixDigits()
  const id = await insert(scope, email, CODE_MINUTES, (id) => ({
    purpose: 'sign-in',
    secretHash: codeHash(scope.keys, id, 'new', code),
  }))
  return { id, code }
}

/** A token for a link that sets a new password; made and kept alike for every address. */
export async function makeResetToken(scope: Scope, email: string): Promise<{ id: string; token: string }> {
  const token = newToken()
  const id = await insert(scope, email, LINK_MINUTES, () => ({
    purpose: 'reset',
    secretHash: hashToken(token),
  }))
  return { id, token }
}

/** Two codes for a change of address: one to the new one, one to the present one. */
export async function makeChangeCodes(scope: Scope, userId: string, email: string) {
  const codes = { new: sixDigits(), present: sixDigits() }
  const id = await insert(scope, email, CODE_MINUTES, (id) => ({
    purpose: 'email-change',
    userId,
    secretHash: codeHash(scope.keys, id, 'new', codes.new),
    presentHash: codeHash(scope.keys, id, 'present', codes.present),
  }))
  return { id, codes }
}

type Purpose = Pick<typeof accountProofs.$inferInsert, 'purpose' | 'secretHash' | 'presentHash' | 'userId'>

async function insert(
  { tx, ctx, keys }: Scope,
  email: string,
  minutes: number,
  purpose: (id: string) => Purpose,
): Promise<string> {
  const id = ctx.newId('prf')
  await tx.delete(accountProofs).where(lt(accountProofs.expiresAt, ctx.now))
  await tx.insert(accountProofs).values({
    id,
    emailSealed: seal(keys.seal, email, addressPlace(id)),
    createdAt: ctx.now,
    expiresAt: new Date(ctx.now.getTime() + minutes * 60_000),
    ...purpose(id),
  })
  return id
}

/**
 * Spends one of five tries of a code; right ones use the proof up. For a change of address both codes must be right.
 * Gives the address that was proved, or null.
 */
export async function takeCode(
  { tx, ctx, keys }: Scope,
  given: { id: string; code: string; present?: { code: string; userId: string } },
): Promise<string | null> {
  const { id, code, present } = given
  const [row] = await tx
    .update(accountProofs)
    .set({ attempts: sql`${accountProofs.attempts} + 1` })
    .where(
      and(
        eq(accountProofs.id, id),
        eq(accountProofs.purpose, present ? 'email-change' : 'sign-in'),
        present ? eq(accountProofs.userId, present.userId) : undefined,
        gt(accountProofs.expiresAt, ctx.now),
        lt(accountProofs.attempts, MAX_ATTEMPTS),
      ),
    )
    .returning()
  const none = Buffer.alloc(32)
  const right = equalInConstantTime(row?.secretHash ?? none, codeHash(keys, id, 'new', code))
  const presentRight =
    !present || equalInConstantTime(row?.presentHash ?? none, codeHash(keys, id, 'present', present.code))
  if (!row || !right || !presentRight) return null
  await tx.delete(accountProofs).where(eq(accountProofs.id, id))
  return unseal(keys.seal, row.emailSealed, addressPlace(id)).toString()
}

/** Uses a link's token up; gives the address it was sent to and when, or null. */
export async function takeResetToken(
  { tx, ctx, keys }: Scope,
  token: string,
): Promise<{ email: string; askedAt: Date } | null> {
  const [row] = await tx
    .delete(accountProofs)
    .where(
      and(
        eq(accountProofs.secretHash, hashToken(token)),
        eq(accountProofs.purpose, 'reset'),
        gt(accountProofs.expiresAt, ctx.now),
      ),
    )
    .returning()
  if (!row) return null
  const email = unseal(keys.seal, row.emailSealed, addressPlace(row.id)).toString()
  return { email, askedAt: row.createdAt }
}
