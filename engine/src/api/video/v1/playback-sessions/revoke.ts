import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { revokeSessions } from '#engine/assets/playback-sessions.ts'

const input = z.object({
  playback_id: z.string().regex(/^[A-Za-z0-9]{44}$/, 'is not a playback ID'),
  sessions: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'must be 22 to 64 base64url characters'))
    .min(1)
    .max(1000),
})

/**
 * POST /video/v1/playback-sessions/revoke (an addition to Mux's API): ends the sessions whose tokens carry these
 * `session` claims, at once and for good.
 */
export const revokePlaybackSessions = endpoint({
  method: 'POST',
  paths: ['/video/v1/playback-sessions/revoke'],
  body: input,
  async run({ ctx, body }) {
    return ok({ revoked: await revokeSessions(ctx, body.playback_id, body.sessions) })
  },
})
