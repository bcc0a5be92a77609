import { and, eq, isNull } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import { endViewers } from './revoke-share.ts'
import { stopSessions } from './stop-sessions.ts'
import { shares } from './tables.ts'

/**
 * Ends every share of a video that is being deleted, in the deleting transaction.
 * Returns how many links ended.
 */
export async function stopVideoShares(
  tx: Tx,
  scope: Pick<VerbScope<unknown>, 'ctx' | 'actor' | 'enqueue'>,
  videoId: string,
): Promise<number> {
  const ended = await tx
    .update(shares)
    .set({ revokedAt: scope.ctx.now, revokeReason: 'video_deleted', revokedBy: scope.actor.id })
    .where(and(eq(shares.videoId, videoId), isNull(shares.revokedAt)))
    .returning({ id: shares.id })
  for (const share of ended) {
    const { playbackId, claims } = await endViewers(
      tx,
      { id: share.id, videoId },
      'video_deleted',
      scope.ctx.now,
    )
    if (playbackId && claims.length > 0)
      await scope.enqueue(stopSessions, { playbackId, claims }, { key: `stop:${share.id}` })
  }
  return ended.length
}
