import { and, eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import { settleAndFollow } from '#portal/modules/uploads/follow-upload.ts'
import { type Compared, listCompared } from '#portal/modules/uploads/list-compared.ts'
import { removeAsset } from '#portal/modules/uploads/remove-asset.ts'
import { replacePlaybackId } from '#portal/modules/videos/replace-playback-id.ts'
import { backfillEvent } from '#portal/modules/webhooks/backfill-event.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { enqueue } from '#portal/platform/job.ts'
import { redactUrls } from '#portal/platform/log.ts'
import { verb } from '#portal/platform/operation.ts'
import { FINDING_KINDS, type FindingKind } from '../rules.ts'
import { type FindingRow, reconciliationFindings as findings, providerTracks } from '../tables.ts'
import { ENDED } from './compare-upload.ts'

const END = ['done', 'failed', 'cleared'] as const

const recordRepair = verb({
  action: 'reconciliation.repair',
  input: z.strictObject({
    id: z.string(),
    act: z.string(),
    state: z.enum(END),
    error: z.string().nullable(),
  }),
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const [row] = await tx
      .update(findings)
      .set({ state: input.state, error: input.error, actedAt: ctx.now })
      .where(and(eq(findings.id, input.id), inArray(findings.state, ['open'])))
      .returning()
    return {
      result: null,
      change: {
        target: { type: row?.objectType ?? 'finding', id: row?.objectId ?? input.id },
        outcome: input.state === 'failed' ? 'failed' : 'allowed',
        ...(row ? { reason: row.kind } : {}),
        details: {
          ...{ finding: input.id, run: row?.lastSeenIn ?? null, act: input.act, state: input.state },
          ...{ upload_id: row?.uploadId ?? null, video_id: row?.videoId ?? null },
        },
      },
    }
  },
})

/**
 * Puts one difference right, after a look whether it is still one. Never throws: what fails is kept with its error,
 * and tried again by the next run.
 */
export async function repairFinding(app: App, ctx: Context, finding: FindingRow): Promise<void> {
  const { act } = FINDING_KINDS[finding.kind]
  let state: (typeof END)[number] = 'failed'
  let error: string | null = null
  try {
    state = (await ACTS[act]?.(app, ctx, finding)) === false ? 'cleared' : 'done'
  } catch (failure) {
    error = redactUrls(failure instanceof Error ? failure.message : String(failure)).slice(0, 300)
    app.log.warn({ err: failure, finding: finding.id }, 'a difference to the video service was not put right')
  }
  await app.call(recordRepair, { id: finding.id, act, state, error }, ctx)
  if (state === 'done') count(app, finding)
}

const ORPHANS = new Map<FindingKind, 'portal' | 'provider'>([
  ['upload_orphan', 'provider'],
  ['asset_orphan', 'provider'],
  ['asset_extra', 'provider'],
  ['asset_gone', 'portal'],
])

function count(app: App, { kind, detail }: FindingRow): void {
  const side = ORPHANS.get(kind)
  if (side) app.telemetry.add('portal.reconcile.orphans', { side, action: 'deleted' })
  if (kind === 'event_missing')
    app.telemetry.add('portal.webhook.late', { kind: 'backfilled' }, [detail.events ?? []].flat().length)
}

/** Each gives false where there is nothing to do any more. */
type Act = (app: App, ctx: Context, finding: FindingRow) => Promise<boolean | undefined>

const ACTS: Record<string, Act> = {
  async backfill(app, ctx, finding) {
    const types = [finding.detail.events ?? []].flat()
    for (const type of types) await backfill(app, ctx, finding, type)
    return types.length > 0
  },
  async settle(app, ctx, finding) {
    if (!finding.uploadId) return false
    await settleAndFollow(app, ctx, finding.uploadId)
    return true
  },
  async end_video(app, ctx, finding) {
    if (!finding.uploadId || (await app.ports.video.getAsset(finding.objectId))) return false
    if (await backfill(app, ctx, finding, 'video.asset.deleted')) return true
    await settleAndFollow(app, ctx, finding.uploadId, { assetDeleted: true })
    return true
  },
  async cancel_upload(app, _, { objectId }) {
    const known = await knownOf(app, { uploadIds: [], providerUploadIds: [objectId], assetIds: [] })
    if (known.some(({ uploadStatus }) => !ENDED.includes(uploadStatus))) return false
    return await app.ports.video.cancelUpload(objectId)
  },
  async delete_asset(app, _, { objectId, uploadId }) {
    const uploadIds = uploadId ? [uploadId] : []
    const known = await knownOf(app, { uploadIds, providerUploadIds: [], assetIds: [objectId] })
    if (known.some((one) => !isNobodys(one, objectId))) return false
    await app.ports.video.deleteAsset(objectId)
    return true
  },
  async remove_again(app, _, { videoId }) {
    if (!videoId) return false
    await app.db.transaction((tx) => enqueue(tx, removeAsset, { videoId }, { key: `remove:${videoId}` }))
    return true
  },
  async replace_playback_id(app, ctx, { videoId, objectId, id }) {
    if (!videoId) return false
    const { confirmed } = await replacePlaybackId(app, ctx, { videoId, playbackId: objectId, because: id })
    if (!confirmed) throw new Error('The video service did not confirm the new playback ID.')
    return true
  },
  async delete_playback_id(app, _, { objectId, detail }) {
    const assetId = String(detail.asset ?? '')
    const known = await knownOf(app, { uploadIds: [], providerUploadIds: [], assetIds: [assetId] })
    if (known.some(({ playbackId }) => playbackId === objectId)) return false
    await app.ports.video.deletePlaybackId(assetId, objectId)
    return true
  },
  async note_track(app, ctx, { objectId, kind, detail }) {
    const track = { assetId: String(detail.asset), trackId: objectId, type: String(detail.type) }
    const isThis = and(eq(providerTracks.assetId, track.assetId), eq(providerTracks.trackId, objectId))
    if (kind === 'track_missing') await app.db.delete(providerTracks).where(isThis)
    else
      await app.db
        .insert(providerTracks)
        .values({ ...track, firstSeenAt: ctx.now })
        .onConflictDoNothing()
    return true
  },
}

/** The same rule that found it, asked again before anything is deleted. */
function isNobodys(known: Compared, assetId: string): boolean {
  if (known.assetId !== null && known.assetId !== assetId) return true
  return known.deletedAt !== null || (known.assetId === null && known.videoStatus === 'failed')
}

async function knownOf(app: App, names: Parameters<typeof listCompared>[1]): Promise<Compared[]> {
  return await app.db.transaction((tx: Tx) => listCompared(tx, names))
}

/** An event that should have come; false if it has meanwhile. */
async function backfill(app: App, ctx: Context, finding: FindingRow, type: string): Promise<boolean> {
  const { uploadId } = finding
  const known = uploadId
    ? await knownOf(app, { uploadIds: [uploadId], providerUploadIds: [], assetIds: [] })
    : []
  const providerUploadId = known[0]?.providerUploadId ?? null
  const isUpload = type.startsWith('video.upload.')
  const body = {
    asset_id: finding.objectId,
    ...(providerUploadId ? { upload_id: providerUploadId } : {}),
    ...(uploadId ? { passthrough: uploadId } : {}),
    ...(finding.detail.status ? { status: String(finding.detail.status) } : {}),
  }
  const event = {
    provider: finding.provider,
    type,
    objectType: isUpload ? 'upload' : 'asset',
    objectId: isUpload && providerUploadId ? providerUploadId : finding.objectId,
    body,
    occurredAt: ctx.now,
  }
  return await app.db.transaction((tx) => backfillEvent(tx, event, ctx.now))
}
