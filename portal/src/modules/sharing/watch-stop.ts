import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { viewerInput } from './inputs.ts'
import { loadShare, UNKNOWN_SHARE, viewerActor } from './load-share.ts'
import type { StopReason } from './revoke-shares.ts'
import { deadReason } from './rules.ts'
import { viewerSessions } from './tables.ts'

export type WatchState = {
  shareId: string
  viewerId: string
  videoId: string
  expiresAt: Date
  stopped: StopReason | null
}

/** The state of a share for somebody who has begun to watch it: these alone are told why it stopped. */
export const getWatchState = read({
  action: 'share.watch-state',
  input: viewerInput,
  allow: { anyone: true },
  async run({ db, input, ctx, keys }): Promise<WatchState> {
    const opened = await loadShare(db, keys, input.token, input.cookie)
    if (!opened?.viewer?.viewStartedAt) {
      throw new Refusal('not_watching', opened ? { type: 'share', id: opened.share.id } : UNKNOWN_SHARE)
    }
    const { share, viewer } = opened
    const dead = deadReason(opened.policy, opened.videoState, ctx)
    // A session that somebody ended on a link that lives on: this person was stopped, and no other.
    const reason = dead ?? (viewer.endedAt ? 'revoked' : null)
    const stopped = reason === 'revoked' || reason === 'expired' || reason === 'video_deleted' ? reason : null
    const { id: shareId, videoId, expiresAt } = share
    return { shareId, viewerId: viewer.id, videoId, expiresAt, stopped }
  },
})

/** Records that a viewer's page has gone black, once: the measured end of a revoke. */
export const confirmBlack = verb({
  action: 'playback.stopped',
  input: viewerInput,
  allow: { anyone: true },
  async run({ tx, input, ctx, keys }) {
    const opened = await loadShare(tx, keys, input.token, input.cookie)
    if (!opened?.viewer)
      throw new Refusal('not_watching', opened ? { type: 'share', id: opened.share.id } : UNKNOWN_SHARE)
    const { viewer, share } = opened
    const [row] = await tx
      .update(viewerSessions)
      .set({ blackAt: ctx.now })
      .where(
        and(
          eq(viewerSessions.id, viewer.id),
          isNotNull(viewerSessions.endedAt),
          isNull(viewerSessions.blackAt),
        ),
      )
      .returning({ endedAt: viewerSessions.endedAt })
    if (!row?.endedAt) throw new Refusal('not_stopped', { type: 'share', id: share.id }, viewerActor(viewer))
    const blackAfterMs = ctx.now.getTime() - row.endedAt.getTime()
    return {
      result: { blackAfterMs },
      change: {
        target: { type: 'share', id: share.id },
        actor: viewerActor(viewer),
        details: { black_after_ms: blackAfterMs },
      },
    }
  },
})

/** What a page that watches is told. */
export type WatchNews = {
  /** Once: nothing more may be seen. */
  onStop: (reason: StopReason) => void
  /** The video lies at another place now: ask for a new grant, and play on by that. */
  onMoved?: () => void
}

/**
 * Tells of the stop of a view, by revoke, expiry or deletion, on whichever machine it happened. The state is read
 * again once the listening has begun, when it may have changed, after a lost notice connection, and at its end.
 */
export function watchStop(
  app: App,
  first: WatchState,
  reread: () => Promise<WatchState>,
  { onStop, onMoved = () => {} }: WatchNews,
): () => void {
  let done = false
  let timer: NodeJS.Timeout | undefined
  const stop = (reason: StopReason) => {
    if (done) return
    release()
    onStop(reason)
  }
  const follow = (state: WatchState) => {
    if (done) return
    if (state.stopped) return stop(state.stopped)
    clearTimeout(timer)
    timer = setTimeout(recheck, waitFor(state.expiresAt, app.clock()))
  }
  const recheck = () => {
    reread().then(follow, () => stop('revoked'))
  }
  const subscribe = app.notices.subscribe
  const unsubscribe = [
    subscribe('viewers.stopped', ({ viewers, reason }) => {
      if (String(viewers).includes(first.viewerId)) stop(stopReason.parse(reason))
    }),
    subscribe('share.changed', ({ shareId }) => {
      if (shareId === first.shareId) recheck()
    }),
    subscribe('video.moved', ({ videoId }) => {
      if (videoId === first.videoId) onMoved()
    }),
    subscribe('reconnected', recheck),
  ]
  const release = () => {
    done = true
    clearTimeout(timer)
    for (const off of unsubscribe) off()
  }
  follow(first)
  // What happened between the first reading and the listening was told to nobody.
  if (!done) recheck()
  return release
}

// Node's timers end at 2^31 ms; no share lives that long, and its end is read again when the time comes.
const waitFor = (end: Date, now: Date) =>
  Math.min(Math.max(end.getTime() - now.getTime(), 0) + 50, 2 ** 31 - 1)

const stopReason = z.enum(['revoked', 'expired', 'video_deleted', 'device_released'])
