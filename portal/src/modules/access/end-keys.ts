import { and, eq, isNull } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { apiKeys } from './tables.ts'

/** Ends all keys of a person in the caller's transaction; gives how many. */
export async function endKeysOf(tx: Tx, ownerId: string, by: string, now: Date): Promise<number> {
  const ended = await tx
    .update(apiKeys)
    .set({ revokedAt: now, revokedBy: by })
    .where(and(eq(apiKeys.ownerId, ownerId), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  return ended.length
}
