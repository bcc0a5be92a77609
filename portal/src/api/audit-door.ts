import type { OpenAPIHono } from '@hono/zod-openapi'
import { readLog } from '#portal/modules/audit/read-log.ts'
import { LIMITS, limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

/** The log itself, as tools that speak C2SP tlog-tiles fetch it. */
export function mountAuditLog(api: OpenAPIHono<Env>): void {
  api.get('/audit/*', limitTo(LIMITS.auditLog, 'user'), async (c) => {
    const path = c.req.path.slice('/audit/'.length)
    const resource = await c.get('app').call(readLog, { path }, c.get('ctx'))
    return c.body(new Uint8Array(resource.body), 200, {
      'content-type': resource.contentType,
      'cache-control': resource.isImmutable ? 'private, max-age=31536000, immutable' : 'no-store',
    })
  })
}
