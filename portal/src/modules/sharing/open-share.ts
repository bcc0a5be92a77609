import { Refusal } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import { viewerInput } from './inputs.ts'
import { loadShare, UNKNOWN_SHARE, viewerActor } from './load-share.ts'
import { decide, type Need, remainingNeeds, spentReason } from './rules.ts'

export type OpenedLink = { access: 'link' | 'email' | 'account'; needs: Need[]; watching: boolean }

/** What a live link asks of this browser. Changes nothing: mail scanners and previews may come as often as they like. */
export const openShare = read({
  action: 'share.open',
  input: viewerInput,
  allow: { anyone: true },
  async run({ db, input, ctx, keys }): Promise<OpenedLink> {
    const opened = await loadShare(db, keys, input.token, input.cookie)
    if (!opened) throw new Refusal('unknown', UNKNOWN_SHARE)
    const { share, policy, videoState, viewer } = opened
    // A session that ran out is no reason to refuse: the visitor may prove themselves again.
    const over = opened.viewerState && (opened.viewerState.ended || opened.viewerState.expiresAt <= ctx.now)
    const viewerState = over ? null : opened.viewerState
    const verdict = decide(policy, videoState, viewerState, ctx.now)
    const reason = verdict.allowed
      ? null
      : verdict.reason === 'not_verified'
        ? spentReason(policy, viewerState)
        : verdict.reason
    if (reason) throw new Refusal(reason, { type: 'share', id: share.id }, viewerActor(viewer))
    return {
      access: share.access,
      needs: remainingNeeds(policy, viewerState),
      watching: viewerState?.viewStarted ?? false,
    }
  },
})
