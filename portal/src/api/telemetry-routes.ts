import { Readable } from 'node:stream'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { TELEMETRY_RANGES } from '#portal/modules/reliability/answers.ts'
import { exportTelemetryInput, readTelemetryInput } from '#portal/modules/reliability/inputs.ts'
import { checkTelemetry } from '#portal/modules/reliability/telemetry/check-telemetry.ts'
import {
  downloadTelemetryExport,
  exportTelemetry,
  listTelemetryExports,
} from '#portal/modules/reliability/telemetry/export-telemetry.ts'
import { readTelemetry } from '#portal/modules/reliability/telemetry/read-telemetry.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const pointSchema = z.object({
  at: z.iso.datetime(),
  sum: z.number(),
  count: z.number(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
})

const telemetrySchema = z
  .object({
    range: z.enum(TELEMETRY_RANGES),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    spanSeconds: z.int(),
    freshAt: z.iso.datetime().nullable(),
    series: z.array(
      z.object({
        metric: z.string(),
        labels: z.record(z.string(), z.string()),
        points: z.array(pointSchema),
      }),
    ),
    objectives: z.array(
      z.object({
        name: z.enum(['webhooks_first_try', 'dashboards_up']),
        target: z.number(),
        good: z.number(),
        total: z.number(),
        ratio: z.number().nullable(),
        holds: z.boolean(),
      }),
    ),
  })
  .openapi('Telemetry')

const exportSchema = z
  .object({
    id: z.string(),
    madeAt: z.iso.datetime(),
    madeByName: z.string().nullable(),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    rows: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .openapi('TelemetryExport')

const checkSchema = z.object({
  from: z.iso.datetime(),
  checkedAt: z.iso.datetime(),
  staleSeconds: z.number().nullable(),
  metrics: z.array(
    z.object({
      metric: z.string(),
      counted: z.number(),
      database: z.number(),
      databaseAtMost: z.number(),
      off: z.number(),
      ok: z.boolean(),
    }),
  ),
  ok: z.boolean(),
})

/** What was counted, for staff: charts, the comparison with the tables, exports. */
export const telemetryRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/telemetry',
    summary: 'What was counted over a range, and how the objectives fare',
    operation: readTelemetry,
    query: readTelemetryInput,
    answer: telemetrySchema,
  },
  {
    method: 'get',
    path: '/api/admin/telemetry/check',
    summary: 'The last day’s metrics beside the tables of the same things',
    operation: checkTelemetry,
    answer: checkSchema,
  },
  {
    method: 'get',
    path: '/api/admin/telemetry/exports',
    summary: 'Exports that are kept',
    operation: listTelemetryExports,
    answer: z.array(exportSchema),
  },
  {
    method: 'post',
    path: '/api/admin/telemetry/exports',
    summary: 'Export what was counted between two days, with the controls it is evidence for',
    operation: exportTelemetry,
    body: exportTelemetryInput,
    answer: exportSchema,
    status: 201,
  },
]

/** The file of an export. */
export function mountTelemetryExports(api: OpenAPIHono<Env>): void {
  api.get('/api/admin/telemetry/exports/:id/file', limitTo('api'), async (c) => {
    const id = c.req.param('id')
    const file = await c.get('app').call(downloadTelemetryExport, { id }, c.get('ctx'))
    return c.body(Readable.toWeb(await file.stream()) as ReadableStream, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename="${id}.csv"`,
      'cache-control': 'no-store',
    })
  })
}
