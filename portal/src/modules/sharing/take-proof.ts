import { and, eq, isNull, lt, or } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { Device } from './device-proof.ts'
import { viewerSessions } from './tables.ts'

/** Uses a device's proof up for a viewer session; false where it is not newer than the last one: a replay. */
export async function takeProof(tx: Tx, viewerId: string, { at }: Device): Promise<boolean> {
  const taken = await tx
    .update(viewerSessions)
    .set({ proofAt: at })
    .where(
      and(
        eq(viewerSessions.id, viewerId),
        or(isNull(viewerSessions.proofAt), lt(viewerSessions.proofAt, at)),
      ),
    )
    .returning({ id: viewerSessions.id })
  return taken.length > 0
}
