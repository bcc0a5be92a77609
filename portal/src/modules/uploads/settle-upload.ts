import { z } from 'zod'
import type { VideoPort } from '#portal/adapters/video/port.ts'
import { isUnsettled, type SeenAsset } from '#portal/modules/videos/rules.ts'
import { findVideo, writeVideo } from '#portal/modules/videos/store-video.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { closePublicPlayback } from './close-public-playback.ts'
import { planSettlement, type SeenUpload } from './rules.ts'
import { findUpload, writeUpload } from './store-upload.ts'

type Seen = { upload: SeenUpload; asset: SeenAsset }
type Rows = NonNullable<Awaited<ReturnType<typeof loadRows>>>

const settleInput = z.strictObject({
  uploadId: z.string(),
  /** When the service says that it happened. */
  eventAt: z.date().optional(),
  /** The service said that the asset was deleted: then its absence is news, not delay. */
  assetDeleted: z.boolean().default(false),
})

/** Writes a change of state that was found at the service, with its event in the log. */
const recordSettlement = verb({
  action: 'upload.settle',
  input: settleInput.extend({ seen: z.custom<Seen>() }),
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const rows = await loadRows(tx, input.uploadId, 'for update')
    if (!rows) throw new AppError('not_found')
    const after = planSettlement(rows, input.seen, ctx.now)
    await writeSettlement(tx, rows, after, ctx.now, input.eventAt)
    const failed = after.upload.status === 'failed' || after.video.status === 'failed'
    return {
      result: after,
      change: {
        target: { type: 'video', id: rows.video.id },
        outcome: failed ? 'failed' : 'allowed',
        ...(failed ? { reason: 'video_service' } : {}),
        details: {
          upload_id: rows.upload.id,
          upload: [rows.upload.status, after.upload.status],
          video: [rows.video.status, after.video.status],
        },
      },
    }
  },
})

/**
 * Brings an upload and its video to what the video service says now. The service's object is the truth; webhooks,
 * clocks and people only say when to look. May be repeated and run at once by several.
 */
export const settleUpload = flow({
  action: 'upload.settle',
  input: settleInput,
  allow: { system: true },
  async run({ app, input, ctx }) {
    const rows = await app.db.transaction((tx) => loadRows(tx, input.uploadId))
    if (!rows || rows.video.provider !== app.ports.video.provider) return { changed: false, lookAgain: false }
    // What is deleted stays deleted; removing its bytes is another job's.
    if (rows.video.status === 'deleted') return { changed: false, lookAgain: false }
    const seen = await look(app.ports.video, rows, input.assetDeleted)
    const asset = await closePublicPlayback(app, ctx, rows.video, seen.asset)
    const planned = planSettlement(rows, { ...seen, asset }, ctx.now)
    const changed = planned.upload.status !== rows.upload.status || planned.video.status !== rows.video.status
    if (!changed) {
      await app.db.transaction(async (tx) => {
        const locked = await loadRows(tx, input.uploadId, 'for update')
        // Somebody else may have moved it on meanwhile; then there is nothing to note down.
        if (
          locked &&
          locked.video.status === rows.video.status &&
          locked.upload.status === rows.upload.status
        ) {
          const after = planSettlement(locked, { ...seen, asset }, ctx.now)
          await writeSettlement(tx, locked, after, ctx.now, input.eventAt)
        }
      })
      return { changed, lookAgain: isUnsettled(planned.video) }
    }
    const after = await app.call(recordSettlement, { ...input, seen: { ...seen, asset } }, ctx)
    return { changed, lookAgain: isUnsettled(after.video) }
  },
})

type DbOrTx = Parameters<typeof findUpload>[0]

async function loadRows(tx: DbOrTx, uploadId: string, lock?: 'for update') {
  const known = await findUpload(tx, { id: uploadId })
  const video = known && (await findVideo(tx, known.videoId, lock))
  // Read again under the video's lock: every writer takes that one first.
  const upload = lock ? await findUpload(tx, { id: uploadId }) : known
  return video && upload ? { upload, video } : null
}

async function look(port: VideoPort, { upload, video }: Rows, assetDeleted: boolean): Promise<Seen> {
  if (video.assetId) return { upload: null, asset: (await port.getAsset(video.assetId)) ?? 'gone' }
  if (!upload.providerUploadId) return { upload: null, asset: null }
  const found = (await port.getUpload(upload.providerUploadId)) ?? 'gone'
  const assetId = found === 'gone' ? null : found.assetId
  return {
    upload: found,
    asset: assetId ? ((await port.getAsset(assetId)) ?? (assetDeleted ? 'gone' : null)) : null,
  }
}

async function writeSettlement(
  tx: DbOrTx,
  before: Rows,
  after: ReturnType<typeof planSettlement>,
  now: Date,
  eventAt: Date | undefined,
): Promise<void> {
  const { status, assetId, playbackId, durationSeconds, aspectRatio, resolutionTier } = after.video
  const { complete, progressPercent, error, readyAt, deletedAt, assetDeletedAt } = after.video
  const last = before.video.lastProviderEventAt
  await writeVideo(tx, before.video.id, {
    ...{ status, assetId, playbackId, durationSeconds, aspectRatio, resolutionTier },
    ...{ complete, progressPercent, error, readyAt, deletedAt, assetDeletedAt },
    lastProviderEventAt: eventAt && (!last || eventAt > last) ? eventAt : last,
    checkedAt: now,
  })
  const { upload } = after
  await writeUpload(tx, before.upload.id, {
    ...{ status: upload.status, error: upload.error, completedAt: upload.completedAt, checkedAt: now },
    ...(upload.status !== 'waiting' ? { uploadUrl: null } : {}),
    ...(upload.status !== before.upload.status ? { updatedAt: now } : {}),
  })
}
