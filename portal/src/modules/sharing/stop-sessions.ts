import { z } from 'zod'
import { job } from '#portal/platform/job.ts'

const MAX_ATTEMPTS = 12

/** Tells the video service to end playback sessions, until it says that it has; the last failure raises an alert. */
export const stopSessions = job({
  name: 'sharing.stop-sessions',
  input: z.strictObject({ playbackId: z.string(), claims: z.array(z.string()) }),
  maxAttempts: MAX_ATTEMPTS,
  async run({ app, input, attempt }) {
    try {
      await app.ports.video.revokeSessions(input.playbackId, input.claims)
    } catch (error) {
      if (attempt >= 3) {
        await app.ports.alerts.raise({
          key: 'revoke-unconfirmed',
          severity: 'critical',
          summary: 'A revoke has not been confirmed by the video service',
          details: { attempts: attempt, sessions: input.claims.length },
        })
      }
      throw error
    }
    if (attempt >= 3) await app.ports.alerts.resolve('revoke-unconfirmed')
  },
})
