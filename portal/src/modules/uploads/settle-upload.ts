import { z } from 'zod'
import type { VideoPort } from '#portal/adapters/video/port.ts'
import { isUnsettled, type SeenAsset } from '#portal/modules/videos/rules.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, type VerbScope, verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import { closePublicPlayback } from './close-public-playback.ts'
import { measureMove } from './measure-upload.ts'
import { type Facts, planSettlement, type SeenUpload } from './plan-settlement.ts'
import { isEnded } from './rules.ts'
import { type DbOrTx, factsOf, loadRows, type Rows, writeSettlement } from './store-settlement.ts'
import type { Mover } from './store-upload.ts'

export type Seen = { upload: SeenUpload; asset: SeenAsset }

export const settleInput = z.strictObject({
  uploadId: z.string(),
  /** When the service says that it happened, and the type of its event: then the service moves the upload. */
  eventAt: z.date().optional(),
  event: z.string().optional(),
  /** The service said that the asset was deleted: then its absence is news, not delay. */
  assetDeleted: z.boolean().default(false),
})
export type SettleInput = z.infer<typeof settleInput>

/** Writes a change of state that was found at the service, with its event in the log. */
const recordSettlement = verb({
  action: 'upload.settle',
  input: settleInput.extend({ seen: z.custom<Seen>() }),
  allow: { system: true },
  async run(scope) {
    const { tx, input } = scope
    const rows = await loadRows(tx, input.uploadId, 'for update')
    if (!rows) throw new AppError('not_found')
    return await moveRows(scope, rows, input)
  },
})

/** One move, in the transaction that holds the rows, with its event. */
export async function moveRows(
  { tx, ctx, telemetry }: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'telemetry'>,
  rows: Rows,
  input: SettleInput & { seen: Seen },
): Promise<{ result: Facts; change: Change }> {
  const after = planSettlement(factsOf(rows), input.seen, ctx.now)
  await writeSettlement(tx, rows, after, {
    mover: moverOf(input, after),
    eventAt: input.eventAt,
    now: ctx.now,
  })
  await measureMove(tx, telemetry, rows.upload, after.upload, ctx.now)
  const { status, failureReason } = after.upload
  const failed = status === 'failed' || status === 'timed_out' || after.video.status === 'failed'
  return {
    result: after,
    change: {
      target: { type: 'video', id: rows.video.id },
      outcome: failed ? 'failed' : 'allowed',
      ...(failed ? { reason: failureReason ?? 'timed_out' } : {}),
      details: {
        upload_id: rows.upload.id,
        upload: [rows.upload.status, status],
        video: [rows.video.status, after.video.status],
        ...sumsOf(after),
      },
    },
  }
}

/** Seals into the log what was sent and what arrived, once it is known. */
function sumsOf({ upload }: Facts): { [name: string]: string } {
  if (upload.checksum === 'pending') return {}
  return {
    checksum: upload.checksum,
    ...(upload.sentSha256 ? { sent_sha256: upload.sentSha256 } : {}),
    ...(upload.receivedSha256 ? { received_sha256: upload.receivedSha256 } : {}),
  }
}

// What follows from the time that has passed alone is the clock's doing, whoever looked.
function moverOf(input: SettleInput, { upload }: Facts): Mover {
  if (upload.status === 'timed_out' || ['lost', 'not_prepared'].includes(upload.failureReason ?? ''))
    return { by: 'clock', id: null }
  if (input.eventAt) return { by: 'provider', id: input.event ?? null }
  return { by: 'reconciler', id: null }
}

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
    const found = await look(app.ports.video, rows, input.assetDeleted)
    const asset = await closePublicPlayback(app, ctx, rows.video, found.asset)
    const seen = { ...found, asset }
    const planned = planSettlement(factsOf(rows), seen, ctx.now)
    if (!moves(rows, planned)) {
      await app.db.transaction((tx) => noteLook(tx, rows, seen, { ...input, now: ctx.now }))
      return { changed: false, lookAgain: isUnsettled(planned.video) }
    }
    // Before it is written down: whoever dies in between leaves an alert too many rather than none.
    if (planned.upload.failureReason === 'checksum' && rows.upload.failureReason === null)
      await app.ports.alerts.raise(alertOf(rows, planned))
    const after = await app.call(recordSettlement, { ...input, seen }, ctx)
    return { changed: true, lookAgain: isUnsettled(after.video) }
  },
})

export const moves = (rows: Rows, after: Facts) =>
  after.upload.status !== rows.upload.status || after.video.status !== rows.video.status

/** Of an upload whose bytes are not those that were sent. */
export const checksumAlert = (uploadId: string) => `uploads.checksum:${uploadId}`

function alertOf({ upload, video }: Rows, after: Facts) {
  return {
    key: checksumAlert(upload.id),
    severity: 'critical' as const,
    summary: 'An upload did not arrive as it was sent: its checksums differ. It cannot be shared.',
    details: { upload_id: upload.id, video_id: video.id, checksum: after.upload.checksum },
  }
}

/** Notes down what was seen where nothing moves; not where somebody else has moved it on meanwhile. */
async function noteLook(
  tx: DbOrTx,
  rows: Rows,
  seen: Seen,
  input: { uploadId: string; eventAt?: Date | undefined; now: Date },
): Promise<void> {
  const locked = await loadRows(tx, input.uploadId, 'for update')
  if (!locked || locked.video.status !== rows.video.status || locked.upload.status !== rows.upload.status)
    return
  const after = planSettlement(factsOf(locked), seen, input.now)
  if (moves(locked, after)) return
  const mover = { by: 'reconciler' as const, id: null }
  await writeSettlement(tx, locked, after, { mover, eventAt: input.eventAt, now: input.now })
}

export async function look(
  port: Pick<VideoPort, 'getAsset' | 'getUpload'>,
  { upload, video }: Rows,
  assetDeleted: boolean,
): Promise<Seen> {
  const { providerUploadId, checksum, status } = upload
  if (video.assetId) {
    const asset = (await port.getAsset(video.assetId)) ?? 'gone'
    // Asked for its checksum alone.
    const asked = providerUploadId !== null && checksum === 'pending' && !isEnded(status)
    return { upload: asked ? ((await port.getUpload(providerUploadId)) ?? 'gone') : null, asset }
  }
  if (!providerUploadId) return { upload: null, asset: null }
  const found = (await port.getUpload(providerUploadId)) ?? 'gone'
  const assetId = found === 'gone' ? null : found.assetId
  return {
    upload: found,
    asset: assetId ? ((await port.getAsset(assetId)) ?? (assetDeleted ? 'gone' : null)) : null,
  }
}
