import { viewerInput } from '#portal/modules/sharing/inputs.ts'
import { loadShare, UNKNOWN_SHARE, viewerActor } from '#portal/modules/sharing/load-share.ts'
import { decide } from '#portal/modules/sharing/rules.ts'
import { renewView, startView } from '#portal/modules/sharing/take-view.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { newId } from '#portal/platform/ids.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { type PlaybackAnswer, type PlaybackGrant, signGrant } from './playback-answer.ts'

/** The player's answer with what the page says beside it: who shares, until when, how many views are left. */
export type IssuedPlayback = PlaybackAnswer & {
  sharedBy: string
  until: string
  viewsLeft: number | null
  newCookie: string | null
}

type Granted = PlaybackGrant & Omit<IssuedPlayback, keyof PlaybackAnswer>

/**
 * Decides and records one issuance: the first of a viewer session spends a view, later ones renew.
 */
const recordIssue = verb({
  action: 'playback.issue',
  input: viewerInput,
  allow: { anyone: true },
  async run({ tx, input, ctx, keys, settings }) {
    const opened = await loadShare(tx, keys, input.token, input.cookie)
    if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
    const { share, video, policy, videoState } = opened
    const target = { type: 'share', id: share.id }
    const over = opened.viewerState && !opened.viewerState.ended && opened.viewerState.expiresAt <= ctx.now
    const viewerState = over ? null : opened.viewerState
    const verdict = decide(policy, videoState, viewerState, ctx.now)
    if (!verdict.allowed) throw new Refusal(verdict.reason, target, viewerActor(opened.viewer))
    if (video.status !== 'ready' || !video.playbackId) {
      throw new AppError('conflict', 'This video is still being prepared. Try again in a moment.', {
        retryAfterSeconds: 5,
      })
    }

    const expiresAt = new Date(
      Math.min(ctx.now.getTime() + settings.PLAYBACK_TOKEN_TTL_SECONDS * 1000, share.expiresAt.getTime()),
    )
    const spent = verdict.spendsView
      ? await startView(tx, ctx, opened, input.cookie, expiresAt)
      : await renewView(tx, ctx, opened, expiresAt)
    const tokenId = newId('key')
    return {
      result: {
        playbackId: video.playbackId,
        claim: spent.claim,
        tokenId,
        expiresAt,
        title: video.title,
        durationSeconds: video.durationSeconds,
        newCookie: spent.newCookie,
        sharedBy: opened.sharedBy,
        until: share.expiresAt.toISOString(),
        viewsLeft:
          share.maxViews === null ? null : share.maxViews - share.viewsUsed - (verdict.spendsView ? 1 : 0),
      } satisfies Granted,
      change: {
        target,
        actor: { kind: 'viewer' as const, id: spent.viewerId },
        reason: verdict.spendsView ? 'view_started' : 'renewed',
        details: { video_id: share.videoId, token_id: tokenId, expires_at: expiresAt.toISOString() },
      },
    }
  },
})

/** Issues a playback token for a viewer whose session and share both hold; the server alone signs (SPS-01). */
export const issuePlayback = flow({
  action: 'playback.issue',
  input: viewerInput,
  allow: { anyone: true },
  async run({ app, input, ctx }): Promise<IssuedPlayback> {
    const grant = await app.call(recordIssue, input, ctx)
    const { sharedBy, until, viewsLeft, newCookie } = grant
    return { ...(await signGrant(app, grant)), sharedBy, until, viewsLeft, newCookie }
  },
})
