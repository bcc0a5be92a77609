import { type OpenAPIHono, z } from '@hono/zod-openapi'
import {
  getPreferences,
  setPreferences,
  setPreferencesInput,
  unsubscribe,
} from '#portal/modules/notifications/notification-preferences.ts'
import type { OperationRoute } from './operation-route.ts'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

const delivery = z.enum(['soon', 'daily', 'off'])
const preferencesSchema = z
  .object({ first_view: delivery, refusals: delivery, expiry: delivery })
  .openapi('NotificationPreferences')

export const notificationRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/account/notifications',
    summary: 'Which news of your shares is mailed to you, and when',
    operation: getPreferences,
    answer: preferencesSchema,
  },
  {
    method: 'patch',
    path: '/api/account/notifications',
    summary: 'Choose it',
    operation: setPreferences,
    body: setPreferencesInput,
    answer: preferencesSchema,
  },
  {
    method: 'post',
    path: '/api/unsubscribe/{token}',
    summary: 'No more news of shares: the one click of RFC 8058, without signing in',
    operation: unsubscribe,
    params: z.object({ token: z.string().max(200) }),
    answer: z.object({ status: z.literal('off') }),
    before: [limitTo('join')],
  },
]

/** Whoever follows the address of the header by hand gets a page with a button: a GET changes nothing. */
export function mountUnsubscribe(api: OpenAPIHono<Env>): void {
  api.get('/api/unsubscribe/:token', limitTo('join'), (c) =>
    c.redirect(`/unsubscribe#${encodeURIComponent(c.req.param('token'))}`, 303),
  )
}
