import { and, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import { job } from '#portal/platform/job.ts'
import { playbackStops } from './tables.ts'
import { tellStaffUnconfirmed } from './tell-staff.ts'

/** Twenty-five tries come to about three days; long before, whatever played has run out of tokens. */
const MAX_ATTEMPTS = 25
/** Tries, ten seconds together, after which people are told. */
const TELL_AFTER = 3

type Stop = { stopId: string; playbackId: string; claims: string[] }

/**
 * Tells the video service to end playback sessions, until it says that it has. From the third failure on an alert is
 * open, and staff of security and compliance have a mail (SPS-10).
 */
export const stopSessions = job({
  name: 'sharing.stop-sessions',
  input: z.strictObject({ stopId: z.string(), playbackId: z.string(), claims: z.array(z.string()) }),
  maxAttempts: MAX_ATTEMPTS,
  async run({ app, ctx, input, attempt }) {
    try {
      await confirmStop(app, input)
    } catch (error) {
      if (attempt >= TELL_AFTER) {
        await app.ports.alerts.raise({
          key: 'revoke-unconfirmed',
          severity: 'critical',
          summary: 'A revoke has not been confirmed by the video service',
          details: { attempts: attempt, sessions: input.claims.length },
        })
      }
      if (attempt === TELL_AFTER) await app.call(tellStaffUnconfirmed, { stopId: input.stopId }, ctx)
      throw error
    }
    await resolveIfAllConfirmed(app)
  },
})

/** Asks the video service once, and notes that it confirmed; a stop that is confirmed already is not asked again. */
export async function confirmStop(app: App, { stopId, playbackId, claims }: Stop): Promise<void> {
  const open = and(eq(playbackStops.id, stopId), isNull(playbackStops.confirmedAt))
  const [waiting] = await app.db.select({ id: playbackStops.id }).from(playbackStops).where(open)
  if (!waiting) return
  await app.ports.video.revokeSessions(playbackId, claims)
  await app.db.update(playbackStops).set({ confirmedAt: app.clock() }).where(open)
}

async function resolveIfAllConfirmed(app: App): Promise<void> {
  const [waiting] = await app.db
    .select({ id: playbackStops.id })
    .from(playbackStops)
    .where(isNull(playbackStops.confirmedAt))
    .limit(1)
  if (!waiting) await app.ports.alerts.resolve('revoke-unconfirmed')
}
