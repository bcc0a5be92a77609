import { isRecorded } from '#portal/modules/analytics/recording-facts.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import type { OpenedLink } from './answers.ts'
import { viewerInput } from './inputs.ts'
import { agreementOf } from './keep-agreement.ts'
import { loadShare, UNKNOWN_SHARE, viewerActor } from './load-share.ts'
import { hopelessReason, NOT_ASKED, remainingNeeds } from './rules.ts'

/** What a live link asks of this browser. Changes nothing: mail scanners and previews may come as often as they like. */
export const openShare = read({
  action: 'share.open',
  input: viewerInput,
  allow: { anyone: true },
  async run({ db, input, ctx, keys, settings }): Promise<OpenedLink> {
    const opened = await loadShare(db, keys, input.token, input.cookie)
    if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
    const { share, policy, videoState, viewer } = opened
    // A session that ran out is no reason to refuse: the visitor may prove themselves again.
    const over = opened.viewerState && (opened.viewerState.ended || opened.viewerState.expiresAt <= ctx.now)
    const viewerState = over ? null : opened.viewerState
    const reason = hopelessReason(policy, videoState, viewerState, { ...ctx, device: NOT_ASKED })
    if (reason) throw new Refusal(reason, { type: 'share', id: share.id }, viewerActor(viewer))
    const needs = remainingNeeds(policy, videoState, viewerState, ctx)
    return {
      access: share.access,
      needs,
      watching: viewerState?.viewStarted ?? false,
      opensAt: needs.includes('opening') ? (share.startsAt?.toISOString() ?? null) : null,
      oneDevice: share.oneDevice,
      preparing:
        needs.length === 0 && opened.video.status !== 'ready'
          ? { percent: opened.video.progressPercent }
          : null,
      agreement: needs.includes('agreement') ? await agreementOf(db, share.agreementId) : null,
      recorded: await isRecorded(db, share, settings),
      asked: settings.CONSENT_BANNER_ENABLED,
    }
  },
})
