import type { OpenAPIHono } from '@hono/zod-openapi'
import { measureNow } from '#portal/modules/reliability/probe/measure-now.ts'
import { AppError } from '#portal/platform/errors.ts'
import { CONTENT_TYPES, type MetricsFormat, renderTotals } from '#portal/platform/open-metrics.ts'
import { watchProcess } from '#portal/platform/process-metrics.ts'
import { readTotals } from '#portal/platform/telemetry-store.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

/**
 * `/metrics`, on every role: what the whole installation counted, whichever process answers, and how this process
 * fares. OpenMetrics 1.0, or Prometheus' older text for a reader that asks for text/plain.
 */
export function mountMetrics(api: OpenAPIHono<Env>): void {
  const ownProcess = watchProcess()
  api.get('/metrics', limitTo('api'), async (c) => {
    const app = c.get('app')
    const given = c.req.header('authorization')?.replace(/^Bearer /, '') ?? ''
    if (!app.metricsToken.accepts(given))
      throw new AppError(
        'unauthenticated',
        'Send the metrics token as a bearer token: METRICS_TOKEN, or what `portal telemetry token` prints.',
        { reason: 'wrong_secret' },
      )
    await measureNow(app)
    await app.telemetry.flush()
    const format = wantedFormat(c.req.header('accept') ?? '')
    const text = renderTotals(await readTotals(app.pool), format) + (await ownProcess(format))
    return c.body(format === 'openmetrics' ? `${text}# EOF\n` : text, 200, {
      'content-type': CONTENT_TYPES[format],
      'cache-control': 'no-store',
    })
  })
}

function wantedFormat(accept: string): MetricsFormat {
  return accept.includes('text/plain') && !accept.includes('application/openmetrics-text')
    ? 'text'
    : 'openmetrics'
}
