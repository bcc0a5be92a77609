import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { deliverWaiting } from '#portal/modules/notifications/deliver-alert.ts'
import type { App } from '#portal/platform/app.ts'
import { refreshKeys } from '#portal/platform/keys.ts'
import { telemetryProcesses } from '../tables.ts'
import { watchSilence } from './find-silence.ts'

/** How often a process writes down what it counted, and that it lives. */
const BEAT_MS = 5000
/** Every so many beats it listens for the others. */
const LISTEN_EVERY = 6

export type Heart = { stop(): Promise<void> }

/**
 * Writes down, every few seconds, what this process counted and that it is alive, and listens for the others. Ends in
 * order with a last word; a process that was killed says none, and is missed.
 */
export function startHeart(app: App): Heart {
  const id = randomUUID()
  const startedAt = app.clock()
  let stopped = false
  let beats = 0
  let running: Promise<void> = Promise.resolve()

  const beat = async () => {
    await app.telemetry.flush()
    refreshKeys(app.keys)
    const sealKey = app.keys.seal.current().id
    await app.db
      .insert(telemetryProcesses)
      .values({ id, roles: [...app.settings.ROLES], startedAt, beatAt: app.clock(), sealKey })
      .onConflictDoUpdate({
        target: telemetryProcesses.id,
        set: { beatAt: sql`excluded.beat_at`, sealKey: sql`excluded.seal_key` },
      })
    beats += 1
    if (beats % LISTEN_EVERY === 0) await listen(app)
  }
  const beatQuietly = () =>
    beat().catch((error: unknown) => {
      if (!stopped) app.log.warn({ err: error }, 'heartbeat failed; trying again')
    })
  running = beatQuietly()
  const timer = setInterval(() => {
    running = running.then(beatQuietly)
  }, BEAT_MS)

  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
      await app.telemetry.flush()
      await app.db
        .update(telemetryProcesses)
        .set({ stoppedAt: app.clock() })
        .where(eq(telemetryProcesses.id, id))
        .catch((error: unknown) =>
          app.log.warn({ err: error }, 'the last word of this process was not heard'),
        )
    },
  }
}

/** Where those are silent who would tell the channels, whoever notices it tells them. */
export async function listen(app: App): Promise<void> {
  const { workerIsSilent } = await watchSilence(app)
  if (workerIsSilent) await deliverWaiting(app)
}
