import { and, gt, inArray, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#portal/platform/db.ts'
import { shares } from './tables.ts'

/** How many links of each of these videos live; videos without any are left out. */
export async function countLiveShares(
  db: Pick<Tx, 'select'>,
  videoIds: string[],
  now: Date,
): Promise<Map<string, number>> {
  if (videoIds.length === 0) return new Map()
  const rows = await db
    .select({ videoId: shares.videoId, live: sql<number>`count(*)::int` })
    .from(shares)
    .where(and(inArray(shares.videoId, videoIds), isNull(shares.revokedAt), gt(shares.expiresAt, now)))
    .groupBy(shares.videoId)
  return new Map(rows.map(({ videoId, live }) => [videoId, live]))
}
