import type { App } from '#portal/platform/app.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { readTelemetry } from './read-telemetry.ts'

const DEADLINE_MS = 5000

/** A synthetic look, as a reader would have it: the page's server answers, and so do the figures behind it. */
export async function lookAtDashboards(app: App): Promise<boolean> {
  const outbound = createOutbound({ name: 'The dashboard', deadlineMs: DEADLINE_MS })
  const up = await outbound(async (signal) => {
    const page = await fetch(`${app.settings.INTERNAL_URL}/admin/telemetry`, { redirect: 'manual', signal })
    await page.body?.cancel()
    const ctx = app.newContext({ kind: 'system', id: 'dashboard-check' })
    await app.call(readTelemetry, { range: '1h' }, ctx)
    // Signed in nowhere: a redirect to the front door is what a page that works answers.
    return page.status < 400
  }).catch((error: unknown) => {
    app.log.warn({ err: error }, 'the dashboard does not answer')
    return false
  })
  app.telemetry.add('portal.dashboard.checks', { outcome: up ? 'up' : 'down' })
  return up
}
