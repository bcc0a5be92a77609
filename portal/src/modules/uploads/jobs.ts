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
import { settleUploadJob } from './follow-upload.ts'
import { lookInTurn } from './foresee-objects.ts'
import { removeAsset } from './remove-asset.ts'
import { settleMany } from './settle-many.ts'
import { findUpload, listUnsettledUploads, markUploadsChecked } from './store-upload.ts'

const ONE_RUN = 200
/** Uploads that are settled in one transaction. */
const TOGETHER = 25
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

/** Some after the others, one failing without the others; returns how many failed. */
async function settleAll(app: App, ctx: Context, uploadIds: string[], signal: AbortSignal): Promise<number> {
  const looker = lookInTurn(app.ports.video)
  let failures = 0
  for (let from = 0; from < uploadIds.length && !signal.aborted; from += TOGETHER) {
    const some = uploadIds.slice(from, from + TOGETHER)
    const asks = some.map((uploadId) => ({ uploadId, assetDeleted: false }))
    const errors = await settleMany(app, ctx, asks, looker)
    for (const [place, error] of errors.entries()) {
      if (!error) continue
      failures += 1
      app.log.warn({ err: error, upload: some[place] }, 'upload not reconciled')
    }
  }
  return failures
}

export const uploadJobs = [settleUploadJob, reconcileUploads, removeAsset]
