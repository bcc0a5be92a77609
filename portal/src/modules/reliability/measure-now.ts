import type { App } from '#portal/platform/app.ts'

/** Gauges: what is so now, read from the tables themselves. */
export async function measureNow(app: App): Promise<void> {
  const { depth, oldestAt } = { depth: 0, oldestAt: null as Date | null }
  app.telemetry.set('portal.dead_letter.depth', {}, depth)
  app.telemetry.set(
    'portal.dead_letter.oldest_age',
    {},
    oldestAt ? (app.clock().getTime() - oldestAt.getTime()) / 1000 : 0,
  )
}
