import { findVideo, findVideos, writeVideo } from '#portal/modules/videos/store-video.ts'
import type { Facts } from './plan-settlement.ts'
import { SENDABLE_UPLOADS } from './rules.ts'
import { findUpload, findUploads, type Mover, writeUpload } from './store-upload.ts'

export type DbOrTx = Parameters<typeof findUpload>[0]
export type Rows = NonNullable<Awaited<ReturnType<typeof loadRows>>>

/** An upload and its video; with the lock, as they are once nobody else can move them. */
export async function loadRows(tx: DbOrTx, uploadId: string, lock?: 'for update') {
  const known = await findUpload(tx, { id: uploadId })
  const video = known && (await findVideo(tx, known.videoId, lock))
  // Read again under the locks: every writer of states takes the video's first.
  const upload = lock ? await findUpload(tx, { id: uploadId }, lock) : known
  return video && upload ? { upload, video } : null
}

/** The same of many, in three queries; those that are not there are left out. Locked in one order, whoever asks. */
export async function loadManyRows(
  tx: DbOrTx,
  uploadIds: string[],
  lock?: 'for update',
): Promise<Map<string, Rows>> {
  const known = await findUploads(tx, uploadIds)
  const videos = await findVideos(
    tx,
    known.map(({ videoId }) => videoId),
    lock,
  )
  const found = lock ? await findUploads(tx, uploadIds, lock) : known
  const byId = new Map(videos.map((video) => [video.id, video]))
  return new Map(
    found.flatMap((upload) => {
      const video = byId.get(upload.videoId)
      return video ? [[upload.id, { upload, video }] as const] : []
    }),
  )
}

export function factsOf({ upload, video }: Rows): Facts {
  const { sentSha256, receivedSha256 } = upload
  const sums = {
    sentSha256: sentSha256?.toString('hex') ?? null,
    receivedSha256: receivedSha256?.toString('hex') ?? null,
  }
  return { upload: { ...upload, ...sums }, video }
}

export async function writeSettlement(
  tx: DbOrTx,
  before: Rows,
  after: Facts,
  { mover, eventAt, now }: { mover: Mover; eventAt: Date | undefined; now: Date },
): Promise<void> {
  // The upload first: what it holds back, the video's own guard in the database must already see.
  const { status, failureReason, error, completedAt, receivedBytes, checksum, receivedSha256 } = after.upload
  const ended = !(SENDABLE_UPLOADS as readonly string[]).includes(status)
  const change = {
    ...{ status, failureReason, error, completedAt, receivedBytes, checksum, checkedAt: now },
    receivedSha256: receivedSha256 ? Buffer.from(receivedSha256, 'hex') : null,
    ...(ended ? { uploadUrl: null } : {}),
    ...(status !== before.upload.status ? { updatedAt: now } : {}),
  }
  await writeUpload(tx, before.upload.id, change, mover)
  await writeVideoFacts(tx, before, after, { eventAt, now })
}

async function writeVideoFacts(
  tx: DbOrTx,
  before: Rows,
  { video }: Facts,
  { eventAt, now }: { eventAt: Date | undefined; now: Date },
): Promise<void> {
  const { status, assetId, playbackId, durationSeconds, aspectRatio, resolutionTier } = video
  const { complete, progressPercent, error, readyAt, deletedAt, assetDeletedAt } = video
  const last = before.video.lastProviderEventAt
  await writeVideo(tx, before.video.id, {
    ...{ status, assetId, playbackId, durationSeconds, aspectRatio, resolutionTier },
    ...{ complete, progressPercent, error, readyAt, deletedAt, assetDeletedAt },
    lastProviderEventAt: eventAt && (!last || eventAt > last) ? eventAt : last,
    checkedAt: now,
  })
}
