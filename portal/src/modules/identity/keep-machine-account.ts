import type { Tx } from '#portal/platform/db.ts'
import { organisations, users } from './tables.ts'

/**
 * An organisation and an account that nobody can sign in to, for the portal's own checks: no membership, no password,
 * an address that no mail reaches (RFC 2606).
 */
export async function keepMachineAccount(
  tx: Tx,
  account: { organisationId: string; userId: string; name: string; region: string; now: Date },
): Promise<void> {
  const { organisationId, userId, name, region, now } = account
  await tx
    .insert(organisations)
    .values({ id: organisationId, name, region, createdAt: now })
    .onConflictDoNothing()
  await tx
    .insert(users)
    .values({ id: userId, name, email: `${userId}@portal.invalid`, createdAt: now, updatedAt: now })
    .onConflictDoNothing()
}
