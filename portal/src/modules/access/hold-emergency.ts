import { and, eq, gt } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { emergencyGrants } from './tables.ts'

/**
 * When a person's running emergency access ends, held until the end of the transaction, for whoever hands out what its
 * end must find and take back; null where it runs no more.
 */
export async function holdEmergency(
  tx: Tx,
  grant: { id: string; userId: string },
  now: Date,
): Promise<Date | null> {
  const [held] = await tx
    .select({ endsAt: emergencyGrants.endsAt })
    .from(emergencyGrants)
    .where(
      and(
        eq(emergencyGrants.id, grant.id),
        eq(emergencyGrants.userId, grant.userId),
        eq(emergencyGrants.decision, 'approved'),
        gt(emergencyGrants.endsAt, now),
      ),
    )
    .for('share')
  return held?.endsAt ?? null
}
