import { isRecorded } from '#portal/modules/analytics/recording-facts.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import { viewerInput } from './inputs.ts'
import { type AgreementText, agreementOf } from './keep-agreement.ts'
import { loadShare, UNKNOWN_SHARE, viewerActor } from './load-share.ts'
import { hopelessReason, type Need, NOT_ASKED, remainingNeeds } from './rules.ts'

export type OpenedLink = {
  access: 'link' | 'email' | 'account'
  needs: Need[]
  watching: boolean
  /** When it begins to open, where `needs` names the opening. */
  opensAt: string | null
  /** The text to accept, where `needs` names the agreement. */
  agreement: AgreementText | null
  /** Where nothing else is asked for, but the video does not play yet. */
  preparing: { percent: number | null } | null
  /** What is watched is kept for the owner: the page says so before Watch. */
  recorded: boolean
  /** It opens on the device that begins first: the page must prove its own at each step. */
  oneDevice: boolean
}

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
      recorded: await isRecorded(db, share),
    }
  },
})
