import { eq } from 'drizzle-orm'
import type { VerbScope } from '#portal/platform/operation.ts'
import { revokeShares } from './revoke-shares.ts'
import { shares } from './tables.ts'

/**
 * Ends every share of a video that is being deleted, in the deleting transaction.
 * Returns how many links ended.
 */
export async function stopVideoShares(
  scope: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'actor' | 'enqueue'>,
  videoId: string,
): Promise<number> {
  const reason = 'video_deleted'
  const { shares: ended } = await revokeShares(scope, eq(shares.videoId, videoId), { reason, stop: reason })
  return ended.length
}
