import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import { shareIdInput } from './inputs.ts'
import { loadScopedShare } from './revoke-share.ts'
import { endSessions } from './revoke-shares.ts'
import { shares, viewerSessions } from './tables.ts'

/** Lets another device take a link's place, for example a new phone; what plays on the old one stops. */
export const releaseDevice = verb({
  action: 'share.release-device',
  input: shareIdInput,
  allow: { role: 'agency' },
  async run(scope) {
    const { tx, input, actor } = scope
    const share = await loadScopedShare(tx, actor, input.id)
    const [released] = await tx
      .update(shares)
      .set({ deviceKey: null, deviceBoundAt: null })
      .where(and(eq(shares.id, share.id), isNotNull(shares.deviceKey), isNull(shares.revokedAt)))
      .returning({ id: shares.id })
    if (!released)
      throw new AppError('conflict', 'No device holds this link: the next one that opens it will.')
    const { players } = await endSessions(scope, eq(viewerSessions.shareId, share.id), {
      stop: 'device_released',
    })
    return {
      result: { id: share.id, stoppedPlayers: players },
      change: {
        target: { type: 'share', id: share.id },
        details: { video_id: share.videoId, stopped_players: players },
      },
    }
  },
})
