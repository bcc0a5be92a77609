import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { App } from '#portal/platform/app.ts'
import { telemetryProcesses } from './tables.ts'

/** How often a process writes down what it counted, and that it lives. */
const BEAT_MS = 5000

export type Heart = { stop(): Promise<void> }

/**
 * Writes down, every few seconds, what this process counted and that it is alive. Ends in order with a last word; a
 * process that was killed says none, and is missed (tend-telemetry.ts).
 */
export function startHeart(app: App): Heart {
  const id = randomUUID()
  const startedAt = app.clock()
  let stopped = false
  let running: Promise<void> = Promise.resolve()

  const beat = async () => {
    await app.telemetry.flush()
    const now = app.clock()
    await app.db
      .insert(telemetryProcesses)
      .values({ id, roles: [...app.settings.ROLES], startedAt, beatAt: now })
      .onConflictDoUpdate({ target: telemetryProcesses.id, set: { beatAt: sql`excluded.beat_at` } })
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
        .catch(() => {})
    },
  }
}
