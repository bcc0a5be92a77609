import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { exportViewing } from '#portal/modules/analytics/export-viewing.ts'
import { progressBatch } from '#portal/modules/analytics/inputs.ts'
import { reportProgress } from '#portal/modules/analytics/report-progress.ts'
import { guard } from './abuse-guard.ts'
import { problemSchema } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'
import { viewerOf } from './share-door.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

/** What the viewer's page tells of watching, and what its owner takes away as a file. */
export function mountViewing(api: OpenAPIHono<Env>): void {
  mountProgress(api)
  api.get('/api/shares/:id/viewing.csv', limitTo('api'), async (c) => {
    const { csv } = await c.get('app').call(exportViewing, { id: c.req.param('id') }, c.get('ctx'))
    return c.body(csv, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="viewing.csv"',
      'cache-control': 'no-store',
    })
  })
}

function mountProgress(api: OpenAPIHono<Env>): void {
  const route = createRoute({
    method: 'post',
    path: '/api/share/{token}/progress',
    operationId: 'playback.progress',
    summary: 'The parts of the video that were played since the last report',
    request: {
      params: z.object({ token: z.string().max(200) }),
      body: { required: true, content: { 'application/json': { schema: progressBatch } } },
    },
    responses: {
      200: {
        description: 'Whether reports of this view are kept',
        content: { 'application/json': { schema: z.object({ kept: z.boolean() }) } },
      },
      400: problem('Not a report, or more than can have been played'),
      403: problem('Not a viewer of this link'),
    },
    middleware: [guard('link'), limitTo('progress')],
  })
  api.openapi(route, async (c) => {
    const gpc = c.req.header('sec-gpc') === '1'
    const input = { ...c.req.valid('json'), ...viewerOf(c), gpc }
    return c.json(await c.get('app').call(reportProgress, input, c.get('ctx')), 200, {
      'cache-control': 'no-store',
    })
  })
}
