import type { OpenAPIHono } from '@hono/zod-openapi'
import { limitTo } from './rate-limit.ts'
import type { Env } from './request-context.ts'

/** RFC 9116 wants less than a year; whoever reads it asks again. */
const VALID_DAYS = 180
const DAY_MS = 86_400_000

/** What programs look for at a fixed place: whom to tell of a flaw, and what crawlers may read. */
export function mountWellKnown(api: OpenAPIHono<Env>): void {
  api.get('/.well-known/security.txt', limitTo('api'), (c) => {
    const { settings, clock } = c.get('app')
    const today = Math.floor(clock().getTime() / DAY_MS) * DAY_MS
    const lines = [
      `Contact: ${settings.SECURITY_CONTACT ?? `${settings.PUBLIC_URL}/`}`,
      `Expires: ${new Date(today + VALID_DAYS * DAY_MS).toISOString()}`,
      'Preferred-Languages: en',
      `Canonical: ${settings.PUBLIC_URL}/.well-known/security.txt`,
    ]
    return c.text(`${lines.join('\n')}\n`, 200, { 'cache-control': 'public, max-age=3600' })
  })
  // Links are secrets, and say so themselves to whoever opens one.
  api.get('/robots.txt', limitTo('api'), (c) =>
    c.text('User-agent: *\nAllow: /$\nDisallow: /\n', 200, { 'cache-control': 'public, max-age=3600' }),
  )
}
