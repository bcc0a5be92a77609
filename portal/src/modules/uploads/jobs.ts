import { z } from 'zod'
import {
  listUnsettledVideos,
  listVideosToRemove,
  markVideosChecked,
} from '#portal/modules/videos/store-video.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { removeAsset } from './remove-asset.ts'
import { secondsToNextLook } from './rules.ts'
import { settleUpload } from './settle-upload.ts'
import { findUpload, listUnsettledUploads, markUploadsChecked } from './store-upload.ts'

/** Asks the video service about one upload, and again while work on it goes on. */
export const settleUploadJob = job({
  name: 'uploads.settle',
  input: z.strictObject({ uploadId: z.string() }),
  maxAttempts: 5,
  run: ({ app, input, ctx }) => settleAndFollow(app, ctx, input.uploadId),
})

/** Settles an upload; while the service still works on it, orders the next look. */
export async function settleAndFollow(
  app: App,
  ctx: Context,
  uploadId: string,
  news: { eventAt?: Date; event?: string; assetDeleted?: boolean } = {},
): Promise<void> {
  const { lookAgain } = await app.call(settleUpload, { uploadId, ...news }, ctx)
  if (lookAgain) await app.db.transaction((tx) => orderNextLook(tx, app, ctx, uploadId))
}

export async function orderNextLook(tx: Tx, app: App, ctx: Context, uploadId: string): Promise<void> {
  const upload = await findUpload(tx, { id: uploadId })
  if (!upload) return
  const ageSeconds = (ctx.now.getTime() - upload.createdAt.getTime()) / 1000
  const inSeconds = secondsToNextLook(ageSeconds, app.ports.video.provider)
  await enqueue(tx, settleUploadJob, { uploadId }, { inSeconds, key: `settle:${uploadId}` })
}

const ONE_RUN = 200
const AT_ONCE = 4
const UNSEEN_MS = 55_000
const REMOVAL_OVERDUE_MS = 5 * 60_000

/**
 * Looks after everything that should have moved and has not: uploads whose webhook was lost, jobs whose process died
 * before they had a place to upload to, deletions that were not confirmed. Bounded per run, oldest first.
 */
export const reconcileUploads = job({
  name: 'uploads.reconcile',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '* * * * *',
  async run({ app, ctx, signal }) {
    const { uploads, removals } = await app.db.transaction((tx) => overdue(tx, app, ctx))
    const failures = await settleAll(app, ctx, uploads, signal)
    await app.db.transaction(async (tx) => {
      for (const videoId of removals)
        await enqueue(tx, removeAsset, { videoId }, { key: `remove:${videoId}` })
    })
    const key = 'uploads.reconcile'
    if (failures === 0) return await app.ports.alerts.resolve(key)
    const summary = 'Some uploads could not be compared with the video service; trying again every minute.'
    await app.ports.alerts.raise({ key, severity: 'warning', summary, details: { uploads: failures } })
  },
})

/** Takes what is due and marks it as looked at, so that what fails or is not ours does not come first every time. */
async function overdue(tx: Tx, app: App, ctx: Context): Promise<{ uploads: string[]; removals: string[] }> {
  const { provider } = app.ports.video
  const unseen = new Date(ctx.now.getTime() - UNSEEN_MS)
  const uploads = new Set(await listUnsettledUploads(tx, unseen, ONE_RUN))
  const videos = await listUnsettledVideos(tx, provider, unseen, ONE_RUN)
  for (const videoId of videos) {
    const upload = await findUpload(tx, { videoId })
    if (upload) uploads.add(upload.id)
  }
  await markUploadsChecked(tx, [...uploads], ctx.now)
  await markVideosChecked(tx, videos, ctx.now)
  const overdueSince = new Date(ctx.now.getTime() - REMOVAL_OVERDUE_MS)
  const removals = await listVideosToRemove(tx, provider, overdueSince, ONE_RUN)
  return { uploads: [...uploads], removals }
}

/** Several at once, one failing without the others; returns how many failed. */
async function settleAll(app: App, ctx: Context, uploadIds: string[], signal: AbortSignal): Promise<number> {
  const waiting = [...uploadIds]
  let failures = 0
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
      try {
        await settleAndFollow(app, ctx, id)
      } catch (error) {
        failures += 1
        app.log.warn({ err: error, upload: id }, 'upload not reconciled')
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failures
}

export const uploadJobs = [settleUploadJob, reconcileUploads, removeAsset]
