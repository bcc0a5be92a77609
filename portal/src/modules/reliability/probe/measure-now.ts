import { readDeadLetterFacts } from '#portal/modules/webhooks/webhook-facts.ts'
import type { App } from '#portal/platform/app.ts'

/** Gauges: what is so now, read from the tables themselves. */
export async function measureNow(app: App): Promise<{ depth: number; oldestSeconds: number }> {
  const { depth, oldestAt } = await readDeadLetterFacts(app.db)
  const oldestSeconds = oldestAt ? Math.max(0, (app.clock().getTime() - oldestAt.getTime()) / 1000) : 0
  app.telemetry.set('portal.dead_letter.depth', {}, depth)
  app.telemetry.set('portal.dead_letter.oldest_age', {}, oldestSeconds)
  return { depth, oldestSeconds }
}
