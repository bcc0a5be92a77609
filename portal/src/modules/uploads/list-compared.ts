import { and, asc, eq, gt, inArray, isNotNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { uploads } from './tables.ts'

const COLUMNS = {
  uploadId: uploads.id,
  uploadStatus: uploads.status,
  providerUploadId: uploads.providerUploadId,
  createdAt: uploads.createdAt,
  sizeBytes: uploads.sizeBytes,
  videoId: videoFacts.id,
  videoStatus: videoFacts.status,
  assetId: videoFacts.assetId,
  playbackId: videoFacts.playbackId,
  provider: videoFacts.provider,
  deletedAt: videoFacts.deletedAt,
  assetDeletedAt: videoFacts.assetDeletedAt,
}

/** An upload and its video as far as they can be compared with the service. */
export type Compared = Awaited<ReturnType<typeof listCompared>>[number]

/** Those that a page of the service's list may be about, by any of the names that the service tells. */
export async function listCompared(
  tx: Tx,
  names: { uploadIds: string[]; providerUploadIds: string[]; assetIds: string[] },
) {
  const among = (column: Parameters<typeof inArray>[0], ids: string[]): SQL | undefined =>
    ids.length > 0 ? inArray(column, ids) : undefined
  const wanted = [
    among(uploads.id, names.uploadIds),
    among(uploads.providerUploadId, names.providerUploadIds),
    among(videoFacts.assetId, names.assetIds),
  ].filter((condition) => condition !== undefined)
  if (wanted.length === 0) return []
  return await tx
    .select(COLUMNS)
    .from(uploads)
    .innerJoin(videoFacts, eq(videoFacts.id, uploads.videoId))
    .where(or(...wanted))
}

/**
 * Uploads that the service ought to know and that `unseen` does not hide: those whose video has an asset, or that wait
 * for one. By ID from `after` on.
 */
export async function listExpected(
  tx: Tx,
  options: {
    provider: 'engine' | 'mux'
    before: Date
    after: string | null
    limit: number
    unseen: (name: SQL) => SQL
  },
): Promise<Compared[]> {
  const name = sql`coalesce(${videoFacts.assetId}, ${uploads.providerUploadId})`
  const waits = and(
    isNotNull(uploads.providerUploadId),
    sql`${uploads.status} not in ('ready', 'failed', 'cancelled', 'timed_out')`,
  )
  return await tx
    .select(COLUMNS)
    .from(uploads)
    .innerJoin(videoFacts, eq(videoFacts.id, uploads.videoId))
    .where(
      and(
        eq(videoFacts.provider, options.provider),
        lt(uploads.createdAt, options.before),
        sql`${videoFacts.status} <> 'deleted'`,
        or(isNotNull(videoFacts.assetId), waits),
        options.after ? gt(uploads.id, options.after) : undefined,
        options.unseen(name),
      ),
    )
    .orderBy(asc(uploads.id))
    .limit(options.limit)
}
