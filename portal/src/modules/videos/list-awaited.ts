import { and, asc, eq, gt, isNotNull } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Tx } from '#portal/platform/db.ts'
import { videos } from './tables.ts'

export type Awaited = { assetId: string; since: Date }

/** Assets of which news is due: those the service works on, those found ready, those it has deleted for us. */
export async function listAwaited(
  tx: Tx,
  provider: 'engine' | 'mux',
  what: 'processing' | 'ready' | 'removed',
  after: Date,
  limit: number,
): Promise<Awaited[]> {
  const since: AnyPgColumn = {
    processing: videos.createdAt,
    ready: videos.readyAt,
    removed: videos.assetDeletedAt,
  }[what]
  const rows = await tx
    .select({ assetId: videos.assetId, since })
    .from(videos)
    .where(
      and(
        eq(videos.provider, provider),
        isNotNull(videos.assetId),
        what === 'processing' ? eq(videos.status, 'processing') : gt(since, after),
      ),
    )
    .orderBy(asc(since))
    .limit(limit)
  return rows.flatMap(({ assetId, since: at }) => (assetId && at ? [{ assetId, since: at as Date }] : []))
}
