import { and, count, eq, isNull } from 'drizzle-orm'
import { keyedHash } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { randomBase58 } from '#portal/platform/ids.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { recoveryCodes } from './tables.ts'

const CODES = 10
// 117 bits: from 112 on a fast hash will do (ASVS 5.0.0, V6.5.2).
const GROUPS = 4
const randomCode = () => Array.from({ length: GROUPS }, () => randomBase58(5)).join('-')

/** Ten fresh recovery codes in place of the old ones; they are shown this once, and only their hashes are kept. */
export async function renewRecoveryCodes(tx: Tx, keys: Keys, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODES }, randomCode)
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId))
  await tx
    .insert(recoveryCodes)
    .values(codes.map((code) => ({ userId, codeHash: hashOf(keys, userId, code) })))
  return codes
}

/** Uses a recovery code up; false where it is not one, or was used. */
export async function spendRecoveryCode(
  tx: Tx,
  keys: Keys,
  spent: { userId: string; code: string; at: Date },
): Promise<boolean> {
  const rows = await tx
    .update(recoveryCodes)
    .set({ usedAt: spent.at })
    .where(
      and(
        eq(recoveryCodes.userId, spent.userId),
        eq(recoveryCodes.codeHash, hashOf(keys, spent.userId, spent.code)),
        isNull(recoveryCodes.usedAt),
      ),
    )
    .returning({ userId: recoveryCodes.userId })
  return rows.length === 1
}

/** How many recovery codes a person has left. */
export async function countRecoveryCodes(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx
    .select({ left: count() })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)))
  return row?.left ?? 0
}

// What people type differs in spaces and dashes; letters count as they are.
function hashOf(keys: Keys, userId: string, code: string): Buffer {
  return keyedHash(keys.hash, 'recovery-code', `${userId}:${code.replace(/[\s-]/g, '')}`)
}
