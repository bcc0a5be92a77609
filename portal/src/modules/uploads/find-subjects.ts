import { eq, inArray, or } from 'drizzle-orm'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Db, Tx } from '#portal/platform/db.ts'
import { uploads } from './tables.ts'

/** What an event may call an upload or its video by. */
export type UploadNames = {
  assetId: string | null
  providerUploadId: string | null
  uploadId: string | null
}

/**
 * The uploads that these names speak of, each in its place; null where there is none. The asset is the surest name, the
 * passthrough the least. One query, however many.
 */
export async function findSubjects(db: Db | Tx, named: UploadNames[]): Promise<(string | null)[]> {
  const told = (pick: (names: UploadNames) => string | null) => [
    ...new Set(named.flatMap((names) => pick(names) ?? [])),
  ]
  const rows = await db
    .select({
      uploadId: uploads.id,
      providerUploadId: uploads.providerUploadId,
      assetId: videoFacts.assetId,
    })
    .from(uploads)
    .innerJoin(videoFacts, eq(videoFacts.id, uploads.videoId))
    .where(
      or(
        inArray(
          videoFacts.assetId,
          told((names) => names.assetId),
        ),
        inArray(
          uploads.providerUploadId,
          told((names) => names.providerUploadId),
        ),
        inArray(
          uploads.id,
          told((names) => names.uploadId),
        ),
      ),
    )
  const by = (pick: (row: (typeof rows)[number]) => string | null) =>
    new Map(rows.map((row) => [pick(row), row.uploadId]))
  const [byAsset, byProvider, byId] = [
    by((row) => row.assetId),
    by((row) => row.providerUploadId),
    by((row) => row.uploadId),
  ]
  return named.map(
    ({ assetId, providerUploadId, uploadId }) =>
      (assetId && byAsset.get(assetId)) ||
      (providerUploadId && byProvider.get(providerUploadId)) ||
      (uploadId && byId.get(uploadId)) ||
      null,
  )
}
