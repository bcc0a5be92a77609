import { endpoint, ok } from '#engine/api/endpoint.ts'
import { endPlayback } from '#engine/assets/playback-sessions.ts'
import { ApiError } from '#engine/platform/errors.ts'

/** DELETE /video/v1/playback-sessions?playback_id=… (an addition to Mux's API): ends all that are running now. */
export const deletePlaybackSessions = endpoint({
  method: 'DELETE',
  paths: ['/video/v1/playback-sessions'],
  async run({ ctx, query }) {
    const playbackId = query.get('playback_id') ?? ''
    if (!/^[A-Za-z0-9]{44}$/.test(playbackId)) throw new ApiError(400, 'playback_id: is not a playback ID')
    return ok({ revoked: await endPlayback(ctx, playbackId) })
  },
})
