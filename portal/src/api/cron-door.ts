import type { OpenAPIHono } from '@hono/zod-openapi'
import { AppError } from '#portal/platform/errors.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

/** Runs a scheduled job now, for hosts whose clock calls from outside; the same jobs run by themselves. */
export function mountCron(api: OpenAPIHono<Env>): void {
  api.post('/api/cron/:job', limitTo('api'), async (c) => {
    const app = c.get('app')
    const given = c.req.header('authorization')?.replace(/^Bearer /, '') ?? ''
    if (!app.cronSecret.accepts(given))
      throw new AppError('unauthenticated', 'Send the cron secret as a bearer token.', {
        reason: 'wrong_secret',
      })
    const started = await app.runScheduledJob(c.req.param('job'))
    if (!started) throw new AppError('not_found', 'There is no scheduled job of this name.')
    return c.json({ status: 'queued' }, 202)
  })
}
