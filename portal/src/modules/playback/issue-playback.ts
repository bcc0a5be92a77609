import type { z } from 'zod'
import { type Device, proofUrl, proveDevice } from '#portal/modules/sharing/device-proof.ts'
import { viewerInput } from '#portal/modules/sharing/inputs.ts'
import {
  loadShare,
  type OpenedShare,
  peekShare,
  UNKNOWN_SHARE,
  viewerActor,
} from '#portal/modules/sharing/load-share.ts'
import { forgetShare, recallShare, rememberShare } from '#portal/modules/sharing/recall-share.ts'
import { type Download, decide } from '#portal/modules/sharing/rules.ts'
import {
  lockShare,
  renewViewStatement,
  startingElsewhere,
  startView,
} from '#portal/modules/sharing/take-view.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Settings } from '#portal/platform/env.ts'
import { AppError, isAppError, Refusal } from '#portal/platform/errors.ts'
import { newId } from '#portal/platform/ids.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import { type QuickPlan, type QuickScope, quickVerb } from '#portal/platform/quick-verb.ts'
import { clientOf, type PlaybackAnswer, type PlaybackGrant, signGrant } from './playback-answer.ts'

/** The player's answer with what the page says beside it: who shares, until when, how many views are left. */
export type IssuedPlayback = PlaybackAnswer & {
  sharedBy: string
  until: string
  viewsLeft: number | null
  /** From the one who shares. */
  note: string | null
  /** Drawn over the picture; null for none. */
  watermark: string | null
  /** What may be taken away; null for nothing. */
  download: Download | null
  newCookie: string | null
}

type ViewerInput = z.infer<typeof viewerInput>
type Granted = PlaybackGrant & Omit<IssuedPlayback, keyof PlaybackAnswer>
type Begun = {
  viewerId: string
  claim: string
  newCookie: string | null
  /** Of this browser, new or not. */
  cookie: string | null
  spendsView: boolean
  /** Of the share, this one counted. */
  viewsUsed: number
}

/**
 * Decides and records the first issuance of a viewer session, which spends a view, and every refusal. The updates
 * carry the conditions once more, so that a revoke or the last view taken meanwhile wins.
 */
const startIssue = verb({
  action: 'playback.issue',
  input: viewerInput,
  allow: { anyone: true },
  async run({ tx, input, ctx, keys, settings }) {
    const look = async () => {
      const opened = await loadShare(tx, keys, input.token, input.cookie)
      if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
      const device = await deviceOf(opened, input, ctx, settings)
      return { opened, device, playbackId: mayBegin(opened, ctx, device) }
    }
    await lockShare(tx, (await look()).opened.share.id)
    // Whoever pressed Watch a moment before is counted by now, and may be this browser's other tab.
    const { opened, device, playbackId } = await look()
    const expiresAt = expiryOf(opened, ctx, settings)
    const begun = await startView(tx, ctx, opened, { cookie: input.cookie, device }, expiresAt, settings)
    const cookie = begun.newCookie ?? input.cookie
    return granted(opened, playbackId, expiresAt, { ...begun, cookie, spendsView: true })
  },
})

/** The playback ID, where this viewer may begin. @throws Refusal, or AppError('conflict') where a moment later may do */
function mayBegin(opened: OpenedShare, ctx: Context, device: Device | null): string {
  const { share, video, viewer } = opened
  const target = { type: 'share', id: share.id }
  const verdict = verdictOn(opened, ctx, device)
  if (!verdict.allowed) throw new Refusal(verdict.reason, target, viewerActor(viewer))
  if (video.status !== 'ready' || !video.playbackId) {
    throw new AppError('conflict', 'This video is still being prepared. Try again in a moment.', {
      retryAfterSeconds: 5,
    })
  }
  // Another tab of this viewer has just started: what is asked for is a renewal by now.
  if (!verdict.spendsView)
    throw isReplay(opened, device)
      ? new Refusal('proof_replayed', target, viewerActor(viewer))
      : startingElsewhere()
  return video.playbackId
}

/**
 * The renewal of a view that has begun: most of all issuances, and therefore one look and one write. Its token is signed
 * while the write is under way, in the thread pool; where the write meets no row, nobody gets it.
 */
const renewIssue = quickVerb({
  action: 'playback.issue',
  input: viewerInput,
  allow: { anyone: true },
  run: async (scope) =>
    planRenewal(scope, await peekShare(scope.db, scope.keys, scope.input.token, scope.input.cookie), 'fresh'),
  finish: answerOf,
})

/**
 * The same by what this process saw at the last renewal, without a look: the rules decide by it and by this moment, and
 * the write holds only while all of it is as it was seen. Where it does not let the view go on, it decides nothing.
 */
const renewKnown = quickVerb({
  action: 'playback.issue',
  input: viewerInput,
  allow: { anyone: true },
  run: (scope) => planRenewal(scope, recallShare(scope.db, scope.keys, scope.input, scope.ctx.now), 'known'),
  finish: answerOf,
})

async function planRenewal(
  { db, input, ctx, settings }: QuickScope<ViewerInput>,
  opened: OpenedShare | null,
  look: 'fresh' | 'known',
): Promise<QuickPlan<Granted> | null> {
  if (!opened?.viewer || opened.video.status !== 'ready' || !opened.video.playbackId) return null
  const device = await deviceOf(opened, input, ctx, settings)
  const verdict = verdictOn(opened, ctx, device)
  if (!verdict.allowed || verdict.spendsView) return null
  const { viewer } = opened
  const expiresAt = expiryOf(opened, ctx, settings)
  const begun = {
    viewerId: viewer.id,
    claim: viewer.playbackClaim,
    newCookie: null,
    cookie: input.cookie,
    spendsView: false,
    viewsUsed: opened.share.viewsUsed,
  }
  const seen = look === 'known' ? opened.versions : null
  return {
    ...granted(opened, opened.video.playbackId, expiresAt, begun),
    write: renewViewStatement(viewer.id, expiresAt, ctx.now, device, seen),
    settled: (row) => (row ? rememberShare(db, input, opened, row, ctx.now) : forgetShare(db, input)),
  }
}

async function answerOf(app: App, grant: Granted): Promise<IssuedPlayback> {
  const { sharedBy, until, viewsLeft, note, watermark, download, newCookie } = grant
  const beside = { sharedBy, until, viewsLeft, note, watermark, download, newCookie }
  return { ...(await signGrant(app, grant)), ...beside }
}

/** The device behind a request, where the share asks for one. */
async function deviceOf(
  { share }: OpenedShare,
  input: { token: string; proof?: string | undefined },
  ctx: Context,
  settings: Settings,
): Promise<Device | null> {
  if (!share.oneDevice) return null
  const url = proofUrl(settings.PUBLIC_URL, input.token, '')
  return await proveDevice(input.proof, { url, now: ctx.now })
}

const isReplay = ({ viewer }: OpenedShare, device: Device | null) =>
  device !== null && viewer?.proofAt != null && viewer.proofAt >= device.at

function verdictOn({ policy, videoState, viewerState }: OpenedShare, ctx: Context, device: Device | null) {
  // A session that ran out is no reason to refuse: the visitor may begin anew.
  const over = viewerState && !viewerState.ended && viewerState.expiresAt <= ctx.now
  const { now, country } = ctx
  const at = { now, country, ...(device ? { device: device.thumbprint } : {}) }
  return decide(policy, videoState, over ? null : viewerState, at)
}

function expiryOf({ share }: OpenedShare, ctx: Context, settings: Settings): Date {
  const ttl = ctx.now.getTime() + settings.PLAYBACK_TOKEN_TTL_SECONDS * 1000
  return new Date(Math.min(ttl, share.expiresAt.getTime()))
}

function granted(
  { share, video, sharedBy, viewerState }: OpenedShare,
  playbackId: string,
  expiresAt: Date,
  { viewerId, claim, newCookie, cookie, spendsView, viewsUsed }: Begun,
): { result: Granted; change: Change } {
  const tokenId = newId('key')
  return {
    result: {
      playbackId,
      claim,
      client: cookie === null ? null : clientOf(cookie),
      tokenId,
      expiresAt,
      title: video.title,
      durationSeconds: video.durationSeconds,
      chapters: video.chapters,
      newCookie,
      sharedBy,
      until: share.expiresAt.toISOString(),
      note: share.note,
      download: share.download,
      watermark: share.watermark ? (viewerState?.email ?? `viewer ${viewerId.slice(-8)}`) : null,
      viewsLeft: share.maxViews === null ? null : share.maxViews - viewsUsed,
    },
    change: {
      target: { type: 'share', id: share.id },
      actor: { kind: 'viewer', id: viewerId },
      reason: spendsView ? 'view_started' : 'renewed',
      details: { video_id: share.videoId, token_id: tokenId, expires_at: expiresAt.toISOString() },
    },
  }
}

async function issue(app: App, input: ViewerInput, ctx: Context): Promise<IssuedPlayback> {
  const tell = (outcome: 'issued' | 'renewed' | 'refused') =>
    app.telemetry.add('portal.playback.issued', { outcome })
  try {
    const renewed = (await app.call(renewKnown, input, ctx)) ?? (await app.call(renewIssue, input, ctx))
    const issued = renewed ?? (await answerOf(app, await app.call(startIssue, input, ctx)))
    tell(renewed ? 'renewed' : 'issued')
    return issued
  } catch (error) {
    if (isAppError(error) && error.code === 'forbidden') tell('refused')
    throw error
  }
}

/** Issues a playback token for a viewer whose session and share both hold; the server alone signs (SPS-01). */
export const issuePlayback = flow({
  action: 'playback.issue',
  input: viewerInput,
  allow: { anyone: true },
  run: ({ app, input, ctx }) => issue(app, input, ctx),
})
