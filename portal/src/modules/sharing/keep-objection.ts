import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { viewerSessions } from './tables.ts'

/** Whoever objected in one browser has objected in every other in which they prove the same address to the link. */
export async function keepObjection(
  tx: Tx,
  viewer: { id: string; shareId: string },
  emailHash: Buffer,
): Promise<void> {
  const [objected] = await tx
    .select({ at: sql<Date>`max(${viewerSessions.objectedAt})`.mapWith(viewerSessions.objectedAt) })
    .from(viewerSessions)
    .where(
      and(
        eq(viewerSessions.shareId, viewer.shareId),
        eq(viewerSessions.emailHash, emailHash),
        isNotNull(viewerSessions.emailVerifiedAt),
      ),
    )
  if (!objected?.at) return
  await tx
    .update(viewerSessions)
    .set({ objectedAt: objected.at })
    .where(and(eq(viewerSessions.id, viewer.id), isNull(viewerSessions.objectedAt)))
}
