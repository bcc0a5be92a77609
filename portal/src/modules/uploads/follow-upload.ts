import { z } from 'zod'
import { isUnsettled } from '#portal/modules/videos/rules.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { secondsToNextLook } from './rules.ts'
import { settleUpload } from './settle-upload.ts'
import { loadRows } from './store-settlement.ts'
import { findUploads } from './store-upload.ts'

/** Asks the video service about one upload, and again while work on it goes on. */
export const settleUploadJob = job({
  name: 'uploads.settle',
  input: z.strictObject({ uploadId: z.string() }),
  maxAttempts: 5,
  async run({ app, input, ctx }) {
    const rows = await app.db.transaction((tx) => loadRows(tx, input.uploadId))
    // An event was faster: most often there is nothing left to ask.
    if (rows && isUnsettled(rows.video)) await settleAndFollow(app, ctx, input.uploadId)
  },
})

/** Settles an upload; while the service still works on it, orders the next look. */
export async function settleAndFollow(
  app: App,
  ctx: Context,
  uploadId: string,
  news: { eventAt?: Date; event?: string; assetDeleted?: boolean } = {},
): Promise<void> {
  const { lookAgain } = await app.call(settleUpload, { uploadId, ...news }, ctx)
  if (lookAgain) await app.db.transaction((tx) => orderNextLooks(tx, app, ctx, [uploadId]))
}

/** Has the video service asked about these again: soon while the file is fresh, then less often. */
export async function orderNextLooks(tx: Tx, app: App, ctx: Context, uploadIds: string[]): Promise<void> {
  if (uploadIds.length === 0) return
  for (const { id: uploadId, createdAt } of await findUploads(tx, uploadIds)) {
    const ageSeconds = (ctx.now.getTime() - createdAt.getTime()) / 1000
    const inSeconds = secondsToNextLook(ageSeconds, app.ports.video.provider)
    await enqueue(tx, settleUploadJob, { uploadId }, { inSeconds, key: `settle:${uploadId}` })
  }
}
