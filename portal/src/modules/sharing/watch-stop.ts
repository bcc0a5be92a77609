import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { Refusal } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { viewerInput } from './inputs.ts'
import { loadShare, UNKNOWN_SHARE, viewerActor } from './load-share.ts'
import type { StopReason } from './revoke-share.ts'
import { deadReason } from './rules.ts'
import { viewerSessions } from './tables.ts'

export type WatchState = { shareId: string; expiresAt: Date; stopped: StopReason | null }

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
    const dead = deadReason(opened.policy, opened.videoState, ctx)
    const stopped = dead === 'revoked' || dead === 'expired' || dead === 'video_deleted' ? dead : null
    return { shareId: opened.share.id, expiresAt: opened.share.expiresAt, stopped }
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

/**
 * Calls back once, when the share stops for its viewers: by revoke, expiry or deletion, on whichever machine it
 * happened. A lost notice connection is made good by reading the state again.
 */
export function watchStop(
  app: App,
  state: WatchState,
  reread: () => Promise<WatchState>,
  onStop: (reason: StopReason) => void,
): () => void {
  let done = false
  const stop = (reason: StopReason) => {
    if (done) return
    done = true
    release()
    onStop(reason)
  }
  const recheck = () => {
    reread().then(
      (now) => now.stopped && stop(now.stopped),
      () => stop('revoked'),
    )
  }
  const unsubscribe = [
    app.notices.subscribe('share.stopped', (body) => {
      if (body.shareId === state.shareId) stop(stopReason.parse(body.reason))
    }),
    app.notices.subscribe('reconnected', recheck),
  ]
  // Node's timers end at 2^31 ms; no share lives that long, and expiry is read again when the time comes.
  const timer = setTimeout(
    recheck,
    Math.min(Math.max(state.expiresAt.getTime() - app.clock().getTime(), 0) + 50, 2 ** 31 - 1),
  )
  const release = () => {
    clearTimeout(timer)
    for (const off of unsubscribe) off()
  }
  if (state.stopped) stop(state.stopped)
  return release
}

const stopReason = z.enum(['revoked', 'expired', 'video_deleted'])
