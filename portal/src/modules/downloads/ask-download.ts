import { and, desc, eq, gt, inArray } from 'drizzle-orm'
import { type Device, proofUrl, proveDevice } from '#portal/modules/sharing/device-proof.ts'
import { viewerInput } from '#portal/modules/sharing/inputs.ts'
import {
  loadShare,
  type OpenedShare,
  UNKNOWN_SHARE,
  viewerActor,
} from '#portal/modules/sharing/load-share.ts'
import { decide } from '#portal/modules/sharing/rules.ts'
import { takeProof } from '#portal/modules/sharing/take-proof.ts'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { read, type VerbScope, verb } from '#portal/platform/operation.ts'
import { prepareDownload } from './prepare-order.ts'
import { downloads } from './tables.ts'

/** A copy is there for so long, and never longer than its link. */
export const DOWNLOAD_HOURS = 24
const TICKET_SECONDS = 60

/** How far a copy is; `url` takes it away, once, within a minute. */
export type DownloadState = {
  status: 'preparing' | 'ready' | 'failed' | 'none'
  progress: number
  url: string | null
}

type Input = { token: string; cookie: string | null; proof?: string | undefined }
type Watching = OpenedShare & { viewer: NonNullable<OpenedShare['viewer']> }
type DownloadRow = typeof downloads.$inferSelect

/**
 * Asks for the copy that a share allows: the first time it is ordered, once it is ready each asking gives a new
 * single-use link. Only for whoever is watching; it spends nothing.
 */
export const askDownload = verb({
  action: 'share.download',
  input: viewerInput,
  allow: { anyone: true },
  async run(scope: VerbScope<Input>) {
    const opened = await openWatching(scope)
    const { share, viewer } = opened
    const kept = (await liveDownload(scope.tx, viewer.id, scope.ctx.now)) ?? (await order(scope, opened))
    const url = kept.status === 'ready' ? await newTicket(scope, kept.id) : null
    return {
      result: { status: kept.status, progress: kept.progress, url } as DownloadState,
      change: {
        target: { type: 'share', id: share.id },
        actor: viewerActor(viewer) as NonNullable<ReturnType<typeof viewerActor>>,
        reason: url ? 'link_given' : 'asked',
        details: {
          video_id: share.videoId,
          download_id: kept.id,
          rendition: kept.rendition,
          watermark: kept.watermark,
        },
      },
    }
  },
})

/** How far the copy is that this browser has asked for. Changes nothing. */
export const getDownload = read({
  action: 'share.download-state',
  input: viewerInput,
  allow: { anyone: true },
  async run({ db, input, ctx, keys }): Promise<DownloadState> {
    const opened = await loadShare(db, keys, input.token, input.cookie)
    const target = opened ? { type: 'share', id: opened.share.id } : UNKNOWN_SHARE
    if (!opened?.viewer?.viewStartedAt || opened.viewer.endedAt) throw new Refusal('not_watching', target)
    const [kept] = await db
      .select({ status: downloads.status, progress: downloads.progress })
      .from(downloads)
      .where(
        and(
          eq(downloads.viewerSessionId, opened.viewer.id),
          inArray(downloads.status, ['preparing', 'ready', 'failed']),
          gt(downloads.expiresAt, ctx.now),
        ),
      )
      .orderBy(desc(downloads.createdAt))
      .limit(1)
    return kept && kept.status !== 'removed'
      ? { status: kept.status, progress: kept.progress, url: null }
      : { status: 'none', progress: 0, url: null }
  },
})

/** The share as somebody meets it who may watch it right now, and has begun to. */
async function openWatching({ tx, input, ctx, keys, settings }: VerbScope<Input>): Promise<Watching> {
  const opened = await loadShare(tx, keys, input.token, input.cookie)
  if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
  const { share, viewer, policy, videoState, viewerState, video } = opened
  const refuse = (reason: string) => new Refusal(reason, { type: 'share', id: share.id }, viewerActor(viewer))
  const device = share.oneDevice ? await deviceOf(input, settings.PUBLIC_URL, ctx.now) : null
  const { now, country } = ctx
  const at = { now, country, ...(device ? { device: device.thumbprint } : {}) }
  const verdict = decide(policy, videoState, viewerState, at)
  if (!verdict.allowed) throw refuse(verdict.reason)
  if (!viewer || verdict.spendsView || video.status !== 'ready') throw refuse('not_watching')
  if (!share.download) throw refuse('no_download')
  if (device && !(await takeProof(tx, viewer.id, device))) throw refuse('proof_replayed')
  return { ...opened, viewer }
}

const deviceOf = (input: Input, publicUrl: string, now: Date): Promise<Device | null> =>
  proveDevice(input.proof, { url: proofUrl(publicUrl, input.token, '/download'), now })

async function liveDownload(tx: Tx, viewerId: string, now: Date): Promise<DownloadRow | undefined> {
  const [row] = await tx
    .select()
    .from(downloads)
    .where(
      and(
        eq(downloads.viewerSessionId, viewerId),
        inArray(downloads.status, ['preparing', 'ready']),
        gt(downloads.expiresAt, now),
      ),
    )
  return row
}

async function order(
  { tx, ctx, enqueue }: VerbScope<Input>,
  { share, viewer }: Watching,
): Promise<DownloadRow> {
  // One that has run out, and is not swept yet, makes room; of an older failure nothing is left to say.
  await tx
    .update(downloads)
    .set({ status: 'failed' })
    .where(and(eq(downloads.viewerSessionId, viewer.id), inArray(downloads.status, ['preparing', 'ready'])))
  const end = Math.min(share.expiresAt.getTime(), ctx.now.getTime() + DOWNLOAD_HOURS * 3_600_000)
  const [made] = await tx
    .insert(downloads)
    .values({
      id: ctx.newId('dwn'),
      shareId: share.id,
      viewerSessionId: viewer.id,
      rendition: share.download ?? 'highest',
      watermark: share.watermark,
      status: 'preparing',
      createdAt: ctx.now,
      expiresAt: new Date(end),
    })
    .returning()
  if (!made) throw new Error('the download was not inserted')
  await enqueue(prepareDownload, { downloadId: made.id }, { key: `download:${made.id}`, queue: 'downloads' })
  return made
}

/** A newer link ends the older one. */
async function newTicket({ tx, ctx }: VerbScope<Input>, id: string): Promise<string> {
  const ticket = newToken()
  await tx
    .update(downloads)
    .set({
      ticketHash: hashToken(ticket),
      ticketExpiresAt: new Date(ctx.now.getTime() + TICKET_SECONDS * 1000),
    })
    .where(and(eq(downloads.id, id), eq(downloads.status, 'ready')))
  return `/api/download/${ticket}`
}
