import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Env } from './request-context.ts'

const DEADLINE_MS = 2000

/** Liveness: the process answers. Readiness: it can do its work, which hangs on the database and on being set up. */
export function mountHealth(api: OpenAPIHono<Env>): void {
  api.get('/api/health/live', (c) => c.json({ status: 'live' }, 200, { 'cache-control': 'no-store' }))
  api.get('/api/health/ready', async (c) => {
    const app = c.get('app')
    const deadline = new Promise<never>((_, reject) =>
      setTimeout(reject, DEADLINE_MS, new Error('deadline')).unref(),
    )
    const ready = await Promise.race([app.isReady(), deadline]).catch(() => false)
    return c.json({ status: ready ? 'ready' : 'starting' }, ready ? 200 : 503, {
      'cache-control': 'no-store',
    })
  })
}
