import { viewerInput } from '#portal/modules/sharing/inputs.ts'
import { peekShare } from '#portal/modules/sharing/load-share.ts'
import { decide } from '#portal/modules/sharing/rules.ts'
import { flow } from '#portal/platform/operation.ts'
import { imageTokens } from './playback-answer.ts'

/**
 * The still picture of a link's video for a browser whose view of it has begun and may go on; null for everybody else,
 * without a word why. Spends nothing and writes nothing. A page cannot prove its device before its script runs, nor
 * draw the viewer's mark over the picture: links that want either have no picture here.
 */
export const viewerPoster = flow({
  action: 'viewer.poster',
  input: viewerInput,
  allow: { anyone: true },
  async run({ app, input, ctx }): Promise<string | null> {
    if (!input.cookie) return null
    const opened = await peekShare(app.db, app.keys, input.token, input.cookie)
    if (!opened?.viewerState?.viewStarted || opened.share.oneDevice || opened.share.watermark) return null
    const { policy, video, videoState, viewerState } = opened
    const verdict = decide(policy, videoState, viewerState, { now: ctx.now, country: ctx.country })
    if (!verdict.allowed || video.status !== 'ready' || !video.playbackId) return null
    const { poster } = await imageTokens(app, video.playbackId)
    return app.ports.video.posterUrl(video.playbackId, poster)
  },
})
